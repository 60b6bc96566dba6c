import { UsageError } from '../../errors/index.js';
import type { IssuerOptions, StartedIssuer } from '../../issuer/index.js';
import type { Report } from '../engines/index.js';
import { assembleEnvironment, type Environment } from '../environment.js';
import { startVault, type VaultOptions } from '../servers/vault.js';
import type { TerraformRunOptions } from '../terraform/index.js';
import { leasedVault } from './leased-vault.js';
import { defaultSize, type PoolCounts, ServerPool } from './server-pool.js';
import { type PooledVault, vaultKind } from './vault-kind.js';

const LEASE_TIMEOUT_MS = 60_000;

/** What a pool's servers are, and how many there are. */
export interface PoolOptions {
  /** Vaults, with options or the defaults; default true. */
  readonly vault?: boolean | Omit<VaultOptions, 'port' | 'auditLog'> | undefined;
  /** The most servers of each product; default two a core, as far as half the free memory holds them, at least two. */
  readonly size?: number | undefined;
  /** Receives lines about what takes long; default: nobody. */
  readonly report?: Report | undefined;
  /** Ends a download or a build that is on its way. */
  readonly signal?: AbortSignal | undefined;
}

/** What one lease is to be. */
export interface LeaseOptions {
  /** Servers that were just started and that no one has used, gone when the lease ends; default false. */
  readonly fresh?: boolean | undefined;
  /** Options of the environment's issuer. */
  readonly issuer?: IssuerOptions | undefined;
  /** How Terraform is run where it is asked for. */
  readonly terraform?: TerraformRunOptions | undefined;
  /** How long to wait for a server while all are leased, in milliseconds; default 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** Servers that are leased one test at a time; `await using` or {@link Pool.stop} ends all of them. */
export interface Pool extends AsyncDisposable {
  /**
   * An environment of servers that are as new: an issuer of its own, and servers that no other lease has, each with a root
   * token of its own. Its `stop()` gives the servers back, and they are made as new in the background.
   * @throws VaultproofError `pool_exhausted` when all servers are leased for longer than `timeoutMs`, `pool_stopped`, and
   * what starting a server throws
   *
   * @example
   * await using env = await pool.lease();
   * await env.vault.seed('secret/app', { password: 'correct horse' });
   */
  lease(options?: LeaseOptions): Promise<Environment>;
  /** What became of its servers so far, by product. */
  readonly counts: { readonly vault: PoolCounts | undefined };
  /** Stops all servers, also those that are leased; idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts servers to be leased by one test after the other. A server that is given back is undone, read back over its API and
 * compared with what it showed when it was new; one that differs in anything, or is sealed, is thrown away and replaced.
 * @throws VaultproofError what startVault throws
 * @throws TypeError for a size that is not a whole number from 1
 * @example
 * await using pool = await createPool();
 * await using env = await pool.lease();
 */
export async function createPool(options: PoolOptions = {}): Promise<Pool> {
  const { size = defaultSize(), vault: asked = true, report, signal } = options;
  if (!Number.isInteger(size) || size < 1) {
    throw new UsageError(
      `"size" is "${String(size)}", expected a whole number from 1: leave it out to fit this machine`,
    );
  }
  const { startIssuer } = await import('../../issuer/index.js');
  const vaultOptions = { report, signal, ...(asked === true ? {} : asked || undefined) };
  const vaults = asked === false ? undefined : new ServerPool<PooledVault>(vaultKind(vaultOptions), size);
  await vaults?.start();

  const issuers = ahead(() => startIssuer());
  const lease: Pool['lease'] = async ({ fresh = false, issuer: own, terraform, timeoutMs = LEASE_TIMEOUT_MS } = {}) => {
    const startedVault = async () => {
      if (!vaults) return undefined;
      return fresh ? startVault(vaultOptions) : leasedVault(await vaults.lease(timeoutMs));
    };
    const vault = await startedVault();
    try {
      const issuer = await (own === undefined ? issuers.next() : startIssuer(own));
      return await assembleEnvironment({ issuer, vault }, { report, ...terraform });
    } catch (error) {
      await vault?.stop();
      throw error;
    }
  };
  const stop = async (): Promise<void> => {
    await Promise.all([vaults?.stop(), issuers.stop()]);
  };
  return {
    lease,
    get counts() {
      return { vault: vaults?.counts };
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Issuers, each begun when the one before was taken. */
function ahead(start: () => Promise<StartedIssuer>): { next(): Promise<StartedIssuer>; stop(): Promise<void> } {
  let coming: Promise<StartedIssuer> | undefined;
  const begin = (): Promise<StartedIssuer> => {
    const begun = start();
    begun.catch(() => {});
    return begun;
  };
  return {
    next: async () => {
      const taken = coming ?? begin();
      coming = begin();
      return taken;
    },
    stop: async () => {
      await (await coming?.catch(() => undefined))?.stop();
      coming = undefined;
    },
  };
}
