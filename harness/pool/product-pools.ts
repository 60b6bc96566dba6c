import { importInTurn } from '../../internal/import-in-turn.js';
import type { CertificateAuthority } from '../../issuer/vendors/index.js';
import type { ProxyRelay } from '../impersonation/index.js';
import { withIdentity } from '../server-tls.js';
import type { ServerIdentity } from '../servers/server-options.js';
import type { PoolOptions } from './pool-options.js';
import { consulKind, type PooledConsul } from './pooled-consul.js';
import { type PooledVault, vaultKind } from './pooled-vault.js';
import { type PoolCounts, ServerPool } from './server-pool.js';

/** Servers of each product that reach other hosts in the same way. */
export interface Servers {
  readonly vaults: ServerPool<PooledVault> | false;
  readonly consuls: ServerPool<PooledConsul> | false;
}

/**
 * The servers of a pool, of which none is started yet.
 * @param authority signs the certificates of those with `tls`
 * @param startRelay for those whose leases impersonate vendors
 */
export async function serversOf(
  { vault = true, consul = false, report, signal }: PoolOptions,
  size: number,
  authority: () => Promise<CertificateAuthority>,
  startRelay?: () => Promise<ProxyRelay>,
): Promise<Servers> {
  const shared = { report, signal };
  const identify = async (host: string): Promise<ServerIdentity> => {
    const { localNames } = await importInTurn(() => import('../../issuer/vendors/index.js'));
    return (await authority()).identify(...new Set([host, ...localNames]));
  };
  return {
    vaults:
      vault &&
      new ServerPool(
        vaultKind(
          await withIdentity({ ...shared, ...(vault === true ? {} : vault), auditLog: false }, identify),
          startRelay,
        ),
        size,
      ),
    consuls:
      consul &&
      new ServerPool(
        consulKind(await withIdentity({ ...shared, ...(consul === true ? {} : consul) }, identify), startRelay),
        size,
      ),
  };
}

/** The pools that there are of them. */
export function poolsOf({ vaults, consuls }: Servers): (ServerPool<PooledVault> | ServerPool<PooledConsul>)[] {
  return [vaults, consuls].filter((pool) => pool !== false);
}

/** What pools of one product did so far; undefined where there is none. */
export function sumOfCounts(pools: readonly ({ readonly counts: PoolCounts } | false)[]): PoolCounts | undefined {
  const counts = pools.flatMap((pool) => (pool ? [pool.counts] : []));
  if (counts.length === 0) return undefined;
  const sum = (name: 'booted' | 'leased' | 'recycled'): number => counts.reduce((all, one) => all + one[name], 0);
  return {
    booted: sum('booted'),
    leased: sum('leased'),
    recycled: sum('recycled'),
    discarded: counts.flatMap(({ discarded }) => discarded),
  };
}
