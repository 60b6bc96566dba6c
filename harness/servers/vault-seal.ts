import type { HttpClient } from '../../internal/http-client.js';
import { vaultRequest } from '../api/vault-api.js';

/** What a Vault gives away once, when it is initialised: secrets. */
export interface InitialSecrets {
  /** The root token. */
  readonly token: string;
  /** Base64; all of them unseal it. */
  readonly unsealKeys: readonly string[];
}

/**
 * Initialises a new Vault, with one key.
 * @see https://developer.hashicorp.com/vault/api-docs/system/init
 */
export async function initialise(client: HttpClient): Promise<InitialSecrets> {
  const shares = { secret_shares: 1, secret_threshold: 1 };
  const { root_token: token, keys_base64: keys } = await vaultRequest(client, '', 'PUT', 'sys/init', shares);
  return { token: String(token), unsealKeys: Array.isArray(keys) ? keys.map(String) : [] };
}

/**
 * Unseals a Vault; it may take a while until it is active.
 * @see https://developer.hashicorp.com/vault/api-docs/system/unseal
 */
export async function unseal(client: HttpClient, unsealKeys: readonly string[]): Promise<void> {
  for (const key of unsealKeys) await vaultRequest(client, '', 'PUT', 'sys/unseal', { key });
}
