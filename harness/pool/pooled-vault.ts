import { setTimeout as delay } from 'node:timers/promises';
import { isRecord } from '../../internal/json.js';
import { vaultRequest } from '../api/vault-api.js';
import type { ProxyRelay } from '../impersonation/index.js';
import { bootVault, randomToken, type VaultServerOptions } from '../servers/vault.js';
import type { ReadyVault } from '../servers/vault-handle.js';
import { bootBehind } from './boot-behind-relay.js';
import { restore } from './restore.js';
import type { ServerKind } from './server-pool.js';
import { addedNames, readAll, type Snapshot } from './snapshot.js';
import { changedByName, changedUncounted, comparedInVault, publishedKeys } from './vault-compared.js';
import { NOTHING, readMetrics, type VaultMetrics } from './vault-metrics.js';
import { forgetKeys, type SendToVault, undoInVault } from './vault-undo.js';

const POLL_MS = 2;

/** What logins that were under way when their auth method went may have made since it was read. */
const MADE_BY_LOGINS = ['auth/token/accessors?list=true', 'identity/entity/id?list=true'];

/** A Vault of a pool. */
export interface PooledVault {
  readonly ready: ReadyVault;
  /** Resolves when it has ended by itself. */
  readonly exited: Promise<unknown>;
  /** Root's of the pool itself, which no lease ever has. */
  readonly send: SendToVault;
  /** What it showed when it was new. */
  readonly pristine: Snapshot;
  /** The default keys of its identity engine. */
  readonly keys: string;
  /** What it had counted when it was leased. */
  metrics: VaultMetrics;
  /** Root's of the lease, another one each time. */
  token: string;
  /** What leads to the proxy of the lease, where leases impersonate vendors. */
  readonly relay: ProxyRelay | undefined;
}

/**
 * How a pool starts Vaults, and makes them as new.
 * @param startRelay where leases impersonate vendors
 */
export function vaultKind(
  options: VaultServerOptions,
  startRelay?: () => Promise<ProxyRelay>,
): ServerKind<PooledVault> {
  return {
    name: 'vault',
    boot: async (fresh) => {
      const { ready, relay } = await bootBehind(startRelay, (outbound) => bootVault(options, outbound));
      try {
        const send: SendToVault = (method, path, json) => vaultRequest(ready.client, ready.token, method, path, json);
        const { exited } = ready.handle;
        const server = { ready, exited, send, relay };
        if (fresh) return { ...server, pristine: new Map(), keys: '', metrics: NOTHING, token: ready.token };
        await firstAuthMount(send);
        const pristine = await readNew(ready);
        const keys = await defaultKeys(ready, send);
        const token = await leaseToken(send);
        const metrics = await readMetrics(ready.client, ready.token);
        return { ...server, pristine, keys, metrics, token };
      } catch (error) {
        await ready.handle.stop();
        await relay?.stop();
        throw error;
      }
    },
    answers: async ({ ready: { client } }) => {
      const { status } = await client.request('GET', '/v1/sys/health').catch(() => ({ status: 0 }));
      return status === 200;
    },
    revoke: async ({ ready: { client }, token, relay }) => {
      relay?.cut();
      await vaultRequest(client, token, 'POST', 'auth/token/revoke-self').catch(() => {});
    },
    recycle,
    stop: async ({ ready, relay }) => {
      await ready.handle.stop();
      await relay?.stop();
    },
  };
}

/** The first auth method of a new Vault waits up to half a second for keys that its identity engine makes. */
async function firstAuthMount(send: SendToVault): Promise<void> {
  await send('POST', 'sys/auth/first', { type: 'approle' });
  await send('DELETE', 'sys/auth/first');
}

async function leaseToken(send: SendToVault): Promise<string> {
  const id = randomToken();
  await send('POST', 'auth/token/create', { id, policies: ['root'], no_parent: true });
  return id;
}

/** What a new server shows, wherever it shows anything. */
async function readNew({ client, token }: ReadyVault): Promise<Snapshot> {
  const shown = await readAll(comparedInVault.keys(), (path) => read({ client, token }, path));
  return new Map(
    [...shown].filter(
      ([, value]) => !/"status":405|enterprise-only|unsupported path|unsupported operation/.test(value),
    ),
  );
}

/**
 * Undoes what was done, and checks that nothing is left of it, by what is shown and by what was counted.
 * @returns what is left; undefined for nothing
 */
async function recycle(vault: PooledVault): Promise<string | undefined> {
  const { ready, send, pristine, metrics, keys } = vault;
  await untilQuiet(send);
  const now = await readMetrics(ready.client, ready.token);
  if (now.batchTokens > metrics.batchTokens) return 'it made a batch token, which no one can revoke';
  const left = await restore({
    pristine,
    read: (path) => read(ready, path),
    readFirst: () => readChanged(vault, now),
    undo: (shown) => undoInVault(send, pristine, shown),
    settle: () => untilQuiet(send),
    madeByLogins: MADE_BY_LOGINS,
  });
  if (left !== undefined) return left;
  if (now.writes.identity !== metrics.writes.identity && (await defaultKeys(ready, send)) !== keys) {
    return 'it rotated the default keys of its identity engine';
  }
  vault.token = await leaseToken(send);
  vault.metrics = await readMetrics(ready.client, ready.token);
  return undefined;
}

/**
 * Reads what a lease may have changed. A mount that nothing was written to shows what it showed; and where as many requests were
 * written to `sys` as names came to auth methods, mounts and policies, each of them made one of those names, and none is left
 * that could have changed anything else.
 */
async function readChanged({ ready, pristine, metrics }: PooledVault, now: VaultMetrics): Promise<Snapshot> {
  const readSome = (wanted: (path: string) => boolean): Promise<Snapshot> =>
    readAll([...pristine.keys()].filter(wanted), (path) => read(ready, path));
  const first = new Set([...changedUncounted, ...changedByName]);
  const shown = await readSome((path) => first.has(path));
  const names = changedByName.flatMap((path) => addedNames(pristine.get(path), shown.get(path)));
  const writes = (mount: keyof VaultMetrics['writes']): number => now.writes[mount] - metrics.writes[mount];
  const changed = [
    ...(writes('identity') === 0 ? [] : ['identity/']),
    // The lease's own token was revoked by one.
    ...(writes('auth_token') === 1 ? [] : ['auth/token/']),
    ...(writes('sys') === names.length ? [] : ['sys/']),
  ];
  const rest = await readSome((path) => !first.has(path) && changed.some((mount) => path.startsWith(mount)));
  return new Map([...shown, ...rest]);
}

/** The keys that identity tokens are signed with by default, which are shown for a role that has them. */
async function defaultKeys(ready: ReadyVault, send: SendToVault): Promise<string> {
  const role = 'identity/oidc/role/vaultproof';
  await send('POST', role, { key: 'default' });
  const keys = await read(ready, publishedKeys);
  await send('DELETE', role);
  await send('DELETE', forgetKeys);
  return keys;
}

/**
 * Waits until no request of others is under way. None of them has a token that is still good, so that no more come that
 * can change anything.
 * @returns whether there was one
 */
async function untilQuiet(send: SendToVault): Promise<boolean> {
  for (let waited = false; ; waited = true) {
    const { data, ...body } = await send('GET', 'sys/in-flight-req');
    const requests = Object.values(isRecord(data) ? data : body).filter(isRecord);
    if (requests.filter((one) => 'request_path' in one).length <= 1) return waited;
    await delay(POLL_MS);
  }
}

async function read({ client, token }: Pick<ReadyVault, 'client' | 'token'>, path: string): Promise<string> {
  const { status, body } = await client.request('GET', `/v1/${path}`, { headers: { 'x-vault-token': token } });
  const { data = body, errors } = isRecord(body) ? body : {};
  const normalise = comparedInVault.get(path);
  return JSON.stringify(status === 200 ? { data: normalise?.(data) } : { status, errors });
}
