import { UsageError } from '../errors/index.js';
import { importInTurn } from '../internal/import-in-turn.js';
import { type KnownOptions, refuseUnknownOptions } from '../internal/known-options.js';
import type { IssuerOptions, StartedIssuer } from '../issuer/index.js';
import type { Report } from './engines/index.js';
import { assembleEnvironment, type Environment } from './environment.js';
import { type ExternalVaultOptions, isExternal, startRun } from './external/index.js';
import type { Impersonation } from './impersonation/index.js';
import { type ConsulOptions, startConsul } from './start-consul.js';
import { startVault, type VaultOptions } from './start-vault.js';
import { type TerraformRunOptions, terraformRunOptions } from './terraform/index.js';

/** What an environment consists of. */
export interface EnvironmentOptions {
  /** A Vault, with options or the defaults, or one that runs already, as `{ external: { address, token, clusterName } }`; default true. */
  readonly vault?: boolean | VaultOptions | ExternalVaultOptions | undefined;
  /** A Consul, with options or the defaults; default false. */
  readonly consul?: boolean | ConsulOptions | undefined;
  /** Options of the issuer, which is always there. */
  readonly issuer?: IssuerOptions | undefined;
  /**
   * The URLs of vendors whose tokens are signed here, such as `https://token.actions.githubusercontent.com`: the servers
   * fetch discovery documents and key sets at those URLs and reach no other host. `[]` lets {@link Environment.impersonate}
   * name them later. Default: servers reach what this host reaches.
   */
  readonly impersonate?: readonly string[] | undefined;
  /** CAs that the servers trust besides, with `impersonate`, as PEM; default none, not even the system's. */
  readonly caBundle?: string | undefined;
  /** How Terraform is run where it is asked for; `report` and `signal` default to those of the environment. */
  readonly terraform?: TerraformRunOptions | undefined;
  /** Receives lines about what takes long. Default: they are dropped. */
  readonly report?: Report | undefined;
  /** Ends a download or a build that is on its way, and interrupts Terraform. */
  readonly signal?: AbortSignal | undefined;
}

const environmentOptions: KnownOptions<EnvironmentOptions> = {
  vault: true,
  consul: true,
  issuer: true,
  impersonate: true,
  caBundle: true,
  terraform: true,
  report: true,
  signal: true,
};

/**
 * What TypeScript holds, for those who write JavaScript.
 * @param of what takes the options, as the user calls it
 * @throws UsageError
 */
export function checkEnvironmentOptions(of: string, options: EnvironmentOptions): void {
  refuseUnknownOptions(of, options, environmentOptions);
  for (const name of ['vault', 'consul'] as const) {
    const asked: unknown = options[name] ?? true;
    if (typeof asked === 'boolean' || (typeof asked === 'object' && !Array.isArray(asked))) continue;
    throw new UsageError(`"${name}" of ${of} is "${String(asked)}": expected true, false or its options`);
  }
  refuseUnknownOptions(`"terraform" of ${of}`, options.terraform ?? {}, terraformRunOptions);
}

/**
 * Starts an issuer and, side by side, a Vault (by default) and a Consul (if `consul` is set).
 * If one of them can't be had, the others are stopped before this throws.
 * @throws VaultproofError what startIssuer, startVault and startConsul throw
 * @example
 * await using env = await startEnvironment({ consul: true });
 * await env.vault.seed('secret/app', { password: 'correct horse' });
 */
export async function startEnvironment(options: EnvironmentOptions = {}): Promise<Environment> {
  checkEnvironmentOptions('startEnvironment', options);
  const { report, signal } = options;
  const shared = { report, signal };
  if (isExternal(options.vault) && options.impersonate !== undefined) {
    throw new UsageError('"impersonate" is for servers that are started, and "external" runs already: leave one out');
  }
  // Loaded before any of them starts: nothing waits for the processor then.
  const { startIssuer } = await importInTurn(() => import('../issuer/index.js'));
  if (!isExternal(options.vault)) await importInTurn(() => import('./servers/vault.js'));
  if (options.consul) await importInTurn(() => import('./servers/consul.js'));
  const impersonation = await startImpersonationOf(options);
  const outbound = impersonation?.outbound;
  const started = await Promise.allSettled([
    startIssuer({ ...options.issuer, ...(impersonation && { delegate: impersonation.delegate }) }).then((issuer) =>
      answeringFor(issuer, impersonation, options.impersonate),
    ),
    whenAsked(options.vault ?? true, async (vault: VaultOptions | ExternalVaultOptions) =>
      isExternal(vault) ? startRun(vault.external) : startVault({ ...shared, ...vault }, outbound),
    ),
    whenAsked(options.consul ?? false, (consul: ConsulOptions) => startConsul({ ...shared, ...consul }, outbound)),
  ]);
  const [issuer, vault, consul] = started;
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((part) => (part.status === 'fulfilled' ? part.value?.stop() : undefined)));
    await impersonation?.stop();
  };
  if (issuer.status === 'rejected' || vault.status === 'rejected' || consul.status === 'rejected') {
    await stop();
    throw started.find((part) => part.status === 'rejected')?.reason;
  }
  try {
    signal?.throwIfAborted();
    // Now that no server waits for the processor, and while a login is applied.
    impersonation?.prepare();
    const parts = { issuer: issuer.value, vault: vault.value, consul: consul.value, impersonation };
    return await assembleEnvironment(parts, { ...shared, ...options.terraform });
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startImpersonationOf({ impersonate, caBundle }: EnvironmentOptions): Promise<Impersonation | undefined> {
  if (impersonate === undefined) {
    if (caBundle === undefined) return undefined;
    throw new UsageError('"caBundle" needs "impersonate": without it servers trust the system\'s CAs');
  }
  checkImpersonate(impersonate);
  const { startImpersonation } = await import('./impersonation/index.js');
  return startImpersonation(caBundle);
}

/** @throws TypeError for what is not a list of URLs */
export function checkImpersonate(impersonate: unknown): void {
  if (Array.isArray(impersonate)) return;
  throw new UsageError('"impersonate" must be a list of URLs, such as ["https://gitlab.com"]');
}

async function answeringFor(
  issuer: StartedIssuer,
  impersonation: Impersonation | undefined,
  urls: readonly string[] = [],
): Promise<StartedIssuer> {
  try {
    for (const url of urls) impersonation?.announce(url, issuer);
    return issuer;
  } catch (error) {
    await issuer.stop();
    throw error;
  }
}

async function whenAsked<Options, Server>(
  asked: boolean | Options,
  start: (options: Options | Record<string, never>) => Promise<Server>,
): Promise<Server | undefined> {
  if (asked === false) return undefined;
  return start(asked === true ? {} : asked);
}
