import { importInTurn } from '../../internal/import-in-turn.js';
import type { StartedVault } from '../servers/vault-handle.js';
import type { ExternalCluster } from './cluster.js';
import type { ExternalVault } from './run.js';

export type { ExternalCluster } from './cluster.js';
export type { ExternalVault } from './run.js';
export { refuseTerraform, runOf } from './run-of-handle.js';

/** A Vault that runs already, and that others use. */
export interface ExternalVaultOptions {
  /** Where it is: all that the environment makes there has a prefix of its own, and is removed when it stops. */
  readonly external: ExternalVault;
}

/** Whether a Vault is to be one that runs already. */
export function isExternal(vault: unknown): vault is ExternalVaultOptions {
  return typeof vault === 'object' && vault !== null && 'external' in vault;
}

/**
 * Removes from a Vault what runs left there that died, and whose guardian died with them: all that has the prefix of a run
 * whose token has ended. A run that is alive renews its token, and is left alone, as is everything without such a prefix.
 * @returns the prefixes of what was removed
 * @throws VaultproofError `cluster_mismatch`, `vault_sealed`, and what a request is refused with
 *
 * @example
 * await sweepExternal({ address: 'https://vault.test.example:8200', token, clusterName: 'vault-test' });
 */
export async function sweepExternal(cluster: ExternalCluster): Promise<readonly string[]> {
  const { sweep } = await importInTurn(() => import('./sweep.js'));
  return sweep(cluster);
}

/**
 * Begins a run on a Vault that others use. To its handle the Vault looks as one of its own; its `stop` removes all of the run.
 * @throws VaultproofError `cluster_mismatch`, `vault_sealed`, `permission_denied`, and `request_failed` where nothing answers
 */
export async function startRun(external: ExternalVault): Promise<StartedVault> {
  const { beginRun } = await importInTurn(() => import('./run.js'));
  return beginRun(external);
}
