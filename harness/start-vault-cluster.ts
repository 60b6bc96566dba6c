import { importInTurn } from '../internal/import-in-turn.js';
import { type KnownOptions, refuseUnknownOptions } from '../internal/known-options.js';
import { checkPort } from '../internal/listening.js';
import { type ServerTlsOptions, withIdentity } from './server-tls.js';
import { type ServerOutbound, serverOptions } from './servers/server-options.js';
import type { ClusterServerOptions, VaultCluster } from './servers/vault-cluster.js';

/** How a cluster of Vaults is started; each node is started as {@link startVault} starts one. */
export interface VaultClusterOptions extends Omit<ClusterServerOptions, 'identify'>, ServerTlsOptions {}

const clusterOptions: KnownOptions<VaultClusterOptions> = {
  ...serverOptions,
  product: true,
  wheel: true,
  auditLog: true,
  tls: true,
  nodes: true,
  failoverTimeoutMs: true,
};

/**
 * Starts Vaults with integrated storage that share their data, three by default, and waits until all are unsealed and vote. What is
 * there of them is gone with `stop()`, or with this process.
 * @throws VaultproofError as {@link startVault} does
 * @param outbound how they reach other hosts; default as this host does
 * @see https://developer.hashicorp.com/vault/docs/concepts/integrated-storage
 * @example
 * await using cluster = await startVaultCluster();
 * await using env = await assembleEnvironment({ issuer: await startIssuer(), vault: cluster });
 * const leader = await cluster.leader();
 * await leader.kill();
 * await env.vault.login({ jwt, role: 'payments-ci' }); // at the node that was elected
 */
export async function startVaultCluster(
  options: VaultClusterOptions = {},
  outbound?: ServerOutbound,
): Promise<VaultCluster> {
  refuseUnknownOptions('startVaultCluster', options, clusterOptions);
  checkPort('startVaultCluster', options.port, 1);
  const { bootCluster } = await importInTurn(() => import('./servers/vault-cluster.js'));
  const { identify, ...identified } = await withIdentity(options);
  let identity: ReturnType<NonNullable<typeof identify>> | undefined;
  // One CA for all of them, and one host.
  const shared = (host: string): ReturnType<NonNullable<typeof identify>> => {
    identity ??= (identify as NonNullable<typeof identify>)(host);
    return identity;
  };
  return bootCluster({ ...identified, ...(identify && { identify: shared }) }, outbound);
}
