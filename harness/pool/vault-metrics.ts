import type { HttpClient } from '../../internal/http-client.js';

/** What a Vault did since it was started, as far as nothing that can be read shows it. */
export interface VaultMetrics {
  /** Batch tokens that another token made, and no login: they are stored nowhere, so that no one can list or revoke them. */
  readonly batchTokens: number;
  /** Requests that may have changed something, by the mount that they went to. */
  readonly writes: Readonly<Record<CountedMount, number>>;
}

/** The mounts that a new server has, as metrics name them. */
type CountedMount = 'sys' | 'identity' | 'auth_token';

/** What a new one did. */
export const NOTHING: VaultMetrics = { batchTokens: 0, writes: { sys: 0, identity: 0, auth_token: 0 } };

const BATCH_TOKENS = /^vault_token_creation\{[^}]*auth_method="token"[^}]*token_type="batch"[^}]*\} (\d+)/gm;
const WRITES = /^vault_route_(?:create|update|patch|delete)_(sys|identity|auth_token)__count (\d+)/gm;

/**
 * Reads what Vault counted.
 * @throws TypeError where it counts nothing
 * @see https://developer.hashicorp.com/vault/api-docs/system/metrics
 */
export async function readMetrics(client: HttpClient, token: string): Promise<VaultMetrics> {
  const headers = { 'x-vault-token': token };
  const { status, body } = await client.request('GET', '/v1/sys/metrics?format=prometheus', { headers });
  if (status !== 200 || typeof body !== 'string') throw new TypeError(`it answered sys/metrics with ${status}`);
  const batchTokens = [...body.matchAll(BATCH_TOKENS)].reduce((all, [, one]) => all + Number(one), 0);
  const writes = { ...NOTHING.writes };
  for (const [, mount, count] of body.matchAll(WRITES)) writes[mount as CountedMount] += Number(count);
  return { batchTokens, writes };
}
