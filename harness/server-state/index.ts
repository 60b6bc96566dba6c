import { importInTurn } from '../../internal/import-in-turn.js';
import type { ReadableServer, ServerState } from './server-state.js';

export { type ReadableServer, type ServerState, type StateDifference, stateDifferences } from './server-state.js';

/**
 * Reads what a Vault is configured with: auth methods with their tuning, JWT and Kubernetes configurations and roles,
 * AppRole's and token roles, ACL policies, secrets engines with their tuning, KV's configuration, transit keys, Consul's
 * access and roles, identity entities and groups with their aliases, audit devices without where they write, and all that is in
 * namespaces. No secret is read; of `provider_config`, which may hold one, there is only a digest.
 * @throws VaultproofError `permission_denied` where the token may not read it
 * @see https://developer.hashicorp.com/vault/api-docs
 * @example
 * const state = await readVaultState(vault);
 */
export async function readVaultState(server: ReadableServer): Promise<ServerState> {
  const { vaultState } = await importInTurn(() => import('./vault-state.js'));
  return vaultState(server);
}

/**
 * Reads what a Consul is configured with: auth methods, binding rules, policies, roles and tokens of its ACL system, and the
 * key-value store. Of tokens neither secrets nor accessors are there, and none of a login, of a lease of Vault's and the one
 * that reads; of the value of a key there is only a digest.
 * @throws VaultproofError `permission_denied` where the token may not read it, `request_refused` for another refusal
 * @see https://developer.hashicorp.com/consul/api-docs/acl
 * @example
 * const state = await readConsulState(consul);
 */
export async function readConsulState(server: ReadableServer): Promise<ServerState> {
  const { consulState } = await importInTurn(() => import('./consul-state.js'));
  return consulState(server);
}
