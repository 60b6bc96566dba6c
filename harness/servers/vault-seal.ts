import { UsageError } from '../../errors/index.js';
import type { HttpClient } from '../../internal/http-client.js';
import { vaultRequest } from '../api/vault-api.js';
import type { ReadyServer } from './start-server.js';
import { SERVER_HEADER } from './vault-command.js';

/** Sealing, unsealing and restarting a Vault whose keys are known. */
export interface VaultSeal {
  /** Base64; all of them unseal it. Secrets, which nothing prints; none of a dev server. */
  readonly unsealKeys: readonly string[];
  /**
   * Seals it as root, so that requests fail with `vault_sealed` until it is unsealed.
   * @throws TypeError for a dev server: start the Vault with `{ storage: 'raft' }`
   * @see https://developer.hashicorp.com/vault/docs/concepts/seal
   */
  seal(): Promise<void>;
  /** Unseals it with its keys and waits until it is active; throws as {@link VaultSeal.seal} does, and `server_not_ready`. */
  unseal(): Promise<void>;
  /**
   * Kills it with SIGKILL, starts it again at the same address, unseals it and waits until it is active. What was written is
   * still there, and so are tokens and leases.
   * @throws TypeError for a Vault whose data is in memory: start it with `{ storage: 'raft' }`
   */
  restart(): Promise<void>;
}

/** What a configured Vault is known by, and what it gave away when it was initialised. */
export interface VaultSecrets {
  /** What its answers have in {@link SERVER_HEADER}. */
  readonly id: string;
  readonly token: string;
  readonly unsealKeys: readonly string[];
}

/**
 * Initialises a new Vault, with one key.
 * @see https://developer.hashicorp.com/vault/api-docs/system/init
 */
export async function initialise(client: HttpClient): Promise<Omit<VaultSecrets, 'id'>> {
  const shares = { secret_shares: 1, secret_threshold: 1 };
  const { root_token: token, keys_base64: keys } = await vaultRequest(client, '', 'PUT', 'sys/init', shares);
  return { token: String(token), unsealKeys: Array.isArray(keys) ? keys.map(String) : [] };
}

/**
 * The seal of a Vault that was initialised here.
 * @param isUnsealed asks it once whether it does what it is to do: is active, or stands by
 */
export function vaultSeal(
  ready: ReadyServer,
  secrets: VaultSecrets,
  isUnsealed: (http: HttpClient) => Promise<true | string>,
  startupTimeoutMs?: number,
): VaultSeal {
  const { client, control, until } = ready;
  const { id, token, unsealKeys } = secrets;
  const unseal = async (): Promise<void> => {
    for (const key of unsealKeys) await vaultRequest(client, '', 'PUT', 'sys/unseal', { key });
    await until(isUnsealed, startupTimeoutMs);
  };
  return {
    unsealKeys,
    unseal,
    seal: async () => void (await vaultRequest(client, token, 'PUT', 'sys/seal')),
    restart: async () => {
      await control.kill();
      await control.start();
      await until((http) => answersAs(http, id), startupTimeoutMs);
      await unseal();
    },
  };
}

/** What a Vault has that can't be sealed, or that would lose its data. */
export function withoutSeal(why: string): VaultSeal {
  const refuse = async (): Promise<never> => {
    throw new UsageError(`${why}: start the Vault with { storage: 'raft' }`);
  };
  return { unsealKeys: [], seal: refuse, unseal: refuse, restart: refuse };
}

/** It answers, and is the one that was started: a program that took its port may be another Vault. */
export async function answersAs(client: HttpClient, id: string): Promise<true | string> {
  const { status, headers } = await client.request('GET', '/v1/sys/seal-status', { timeoutMs: 2_000 });
  if (headers[SERVER_HEADER] !== id) return `another server's sys/seal-status ${status}`;
  return status === 200 || `sys/seal-status ${status}`;
}

/** Unsealed and active: a configured Vault answers 200 no earlier. */
export async function isActive(client: HttpClient): Promise<true | string> {
  const { status } = await client.request('GET', '/v1/sys/health', { timeoutMs: 2_000 });
  return status === 200 || `sys/health ${status}`;
}
