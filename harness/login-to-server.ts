import type { HttpClient } from '../internal/http-client.js';
import { importOnce } from '../internal/import-in-turn.js';
import type { ConsulInspection, ConsulLoginRequest } from './login/consul-login.js';
import type { ConsulSession } from './login/consul-session.js';
import type { VaultLoginRequest } from './login/vault-login.js';
import type { VaultInspection } from './login/vault-login-answer.js';
import type { VaultSession } from './login/vault-session.js';

const importVaultLogin = importOnce(() => import('./login/vault-login.js'));
const importConsulLogin = importOnce(() => import('./login/consul-login.js'));

/**
 * Logs in with a JWT.
 * @throws LoginRefusedError with the check that failed as its `code`
 * @throws VaultproofError `unsupported_by_server` for a namespace on a server without them, `vault_sealed` and
 * `vault_standby` where Vault can let nobody in, `request_refused` for an answer
 * that is about something else than the token, and `request_failed` when there is none
 * @see https://developer.hashicorp.com/vault/api-docs/auth/jwt#jwt-login
 * @example
 * const session = await loginToVault(httpClient('http://127.0.0.1:8200'), { jwt, role: 'payments-ci' });
 * await session.read('kv/payments/db');
 */
export async function loginToVault(
  client: HttpClient,
  request: VaultLoginRequest,
  inspection: VaultInspection = {},
): Promise<VaultSession> {
  const { vaultLogin } = await importVaultLogin();
  return vaultLogin(client, request, inspection);
}

/**
 * Logs in with a JWT.
 * @throws LoginRefusedError with the check that failed as its `code`, and for one that no binding rule let in, the rules
 * with what each saw
 * @throws VaultproofError `acl_disabled` and `no_leader` where Consul can let nobody in, `request_refused` for an answer
 * that is about something else than the token, and `request_failed` when there is none
 * @see https://developer.hashicorp.com/consul/api-docs/acl#login-to-auth-method
 * @example
 * const session = await loginToConsul(httpClient('http://127.0.0.1:8500'), { jwt, method: 'github' });
 */
export async function loginToConsul(
  client: HttpClient,
  request: ConsulLoginRequest,
  inspection: ConsulInspection = {},
): Promise<ConsulSession> {
  const { consulLogin } = await importConsulLogin();
  return consulLogin(client, request, inspection);
}
