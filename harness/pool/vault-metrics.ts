import type { HttpClient } from '../../internal/http-client.js';

/** What a Vault did since it was started, as far as nothing that can be read shows it. */
export interface VaultMetrics {
  /** Batch tokens that another token made, and no login: they are stored nowhere, so that no one can list or revoke them. */
  readonly batchTokens: number;
  /** What was written to the identity engine, which shows the public part of a key only while a role has that key. */
  readonly identityWrites: number;
}

/** What a new one did. */
export const NOTHING: VaultMetrics = { batchTokens: 0, identityWrites: 0 };

const BATCH_TOKENS = /^vault_token_creation\{[^}]*auth_method="token"[^}]*token_type="batch"[^}]*\} (\d+)/gm;
const IDENTITY_WRITES = /^vault_route_(?:create|update|patch)_identity__count (\d+)/gm;

/**
 * Reads what Vault counted.
 * @throws TypeError where it counts nothing
 * @see https://developer.hashicorp.com/vault/api-docs/system/metrics
 */
export async function readMetrics(client: HttpClient, token: string): Promise<VaultMetrics> {
  const headers = { 'x-vault-token': token };
  const { status, body } = await client.request('GET', '/v1/sys/metrics?format=prometheus', { headers });
  if (status !== 200 || typeof body !== 'string') throw new TypeError(`it answered sys/metrics with ${status}`);
  const sum = (counter: RegExp): number => [...body.matchAll(counter)].reduce((all, [, one]) => all + Number(one), 0);
  return { batchTokens: sum(BATCH_TOKENS), identityWrites: sum(IDENTITY_WRITES) };
}
