import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { VaultproofError } from '../../errors/index.js';
import { consulCall } from '../../internal/consul-api.js';
import { isRecord } from '../../internal/json.js';
import { isNotFound } from '../api/vault-api.js';
import type { ProxyRelay } from '../impersonation/index.js';
import { bootConsul, type ReadyConsul } from '../servers/consul.js';
import type { IdentifiedServerOptions } from '../servers/server-options.js';
import { bootBehind } from './boot-behind-relay.js';
import { CONFIG_KINDS, comparedInConsul, settledInConsul } from './consul-compared.js';
import { restore } from './restore.js';
import type { ServerKind } from './server-pool.js';
import { readAll, type Snapshot } from './snapshot.js';

const POLL_MS = 2;
const CATALOG_MS = 10_000;
const GLOBAL_MANAGEMENT = '00000000-0000-0000-0000-000000000001';

/** A Consul of a pool. */
export interface PooledConsul {
  readonly ready: ReadyConsul;
  /** Resolves when it has ended by itself. */
  readonly exited: Promise<unknown>;
  /** What it showed when it was new. */
  readonly pristine: Snapshot;
  /** A management token of the lease, another one each time, and the accessor that it is deleted by. */
  token: string;
  accessor: string;
  /** What leads to the proxy of the lease, where leases impersonate vendors. */
  readonly relay: ProxyRelay | undefined;
}

type Send = (method: string, path: string, json?: unknown) => Promise<unknown>;

/**
 * How a pool starts Consuls, and makes them as new.
 * @param startRelay where leases impersonate vendors
 */
export function consulKind(
  options: IdentifiedServerOptions,
  startRelay?: () => Promise<ProxyRelay>,
): ServerKind<PooledConsul> {
  return {
    name: 'consul',
    boot: async (fresh) => {
      const { ready, relay } = await bootBehind(startRelay, (outbound) => bootConsul(options, outbound));
      try {
        const { exited } = ready.handle;
        if (fresh) return { ready, exited, relay, pristine: new Map(), token: ready.token, accessor: '' };
        await untilInCatalog(ready);
        const pristine = await readAll(comparedInConsul, (path) => read(ready, path));
        return { ready, exited, relay, pristine, ...(await leaseToken(sender(ready))) };
      } catch (error) {
        await ready.handle.stop();
        await relay?.stop();
        throw error;
      }
    },
    answers: async ({ ready: { client } }) => {
      const { status, body } = await client.request('GET', '/v1/status/leader').catch(() => ({ status: 0, body: '' }));
      return status === 200 && body !== '';
    },
    revoke: async ({ ready, accessor, relay }) => {
      relay?.cut();
      await sender(ready)('DELETE', `acl/token/${accessor}`).catch(() => {});
    },
    recycle: async (consul) => {
      const { ready, pristine } = consul;
      const send = sender(ready);
      await forgetAgentTokens(ready, send);
      const left = await restore({
        pristine,
        read: (path) => read(ready, path),
        readFirst: () => readAll(comparedInConsul, (path) => read(ready, path)),
        undo: (shown) => undo(send, pristine, shown),
        madeByLogins: ['acl/tokens'],
      });
      if (left !== undefined) return left;
      Object.assign(consul, await leaseToken(send));
      return undefined;
    },
    stop: async ({ ready, relay }) => {
      await ready.handle.stop();
      await relay?.stop();
    },
  };
}

/** A leader enters its own node in the catalog a moment after it is one; a snapshot without it would have it removed. */
async function untilInCatalog(ready: ReadyConsul): Promise<void> {
  const deadline = performance.now() + CATALOG_MS;
  while (!/"consul"/.test(await read(ready, 'catalog/services'))) {
    if (performance.now() > deadline) {
      throw new VaultproofError(
        'server_not_ready',
        `consul did not enter its own node in its catalog in ${CATALOG_MS} ms`,
      );
    }
    await delay(POLL_MS);
  }
}

function sender({ client, token }: ReadyConsul): Send {
  return (method, path, json) => consulCall(client, token, method, path, json === undefined ? {} : { json });
}

async function leaseToken(send: Send): Promise<Pick<PooledConsul, 'token' | 'accessor'>> {
  const [token, accessor] = [randomUUID(), randomUUID()];
  await send('PUT', 'acl/token', { SecretID: token, AccessorID: accessor, Policies: [{ ID: GLOBAL_MANAGEMENT }] });
  return { token, accessor };
}

/** The agent's own tokens can be replaced, and never read. */
async function forgetAgentTokens({ token }: ReadyConsul, send: Send): Promise<void> {
  await Promise.all([
    send('PUT', 'agent/token/default', { Token: '' }),
    send('PUT', 'agent/token/agent', { Token: token }),
  ]);
}

async function read({ client, token }: ReadyConsul, path: string): Promise<string> {
  const { status, headers, body } = await client.request('GET', `/v1/${path}`, {
    headers: { 'x-consul-token': token },
  });
  const index = path === 'session/list' ? headers['x-consul-index'] : undefined;
  return JSON.stringify({ status, index, data: settledInConsul(body) });
}

type Fields = Readonly<Record<string, unknown>>;

/** What undoes an item of a list that a new server doesn't have, in order: what is later may be held by what is earlier. */
const STEPS: readonly Readonly<
  Record<string, (item: Fields) => readonly [method: string, path: string, json?: unknown]>
>[] = [
  {
    'acl/auth-methods': ({ Name }) => ['DELETE', `acl/auth-method/${encoded(Name)}`],
    'agent/services': ({ ID }) => ['PUT', `agent/service/deregister/${encoded(ID)}`],
    'agent/checks': ({ CheckID }) =>
      CheckID === '_node_maintenance'
        ? ['PUT', 'agent/maintenance?enable=false']
        : ['PUT', `agent/check/deregister/${encoded(CheckID)}`],
    query: ({ ID }) => ['DELETE', `query/${encoded(ID)}`],
    peerings: ({ Name }) => ['DELETE', `peering/${encoded(Name)}`],
    ...Object.fromEntries(
      CONFIG_KINDS.map((kind) => [
        `config/${kind}`,
        ({ Name }: Fields) => ['DELETE', `config/${kind}/${encoded(Name)}`] as const,
      ]),
    ),
  },
  {
    'acl/binding-rules': ({ ID }) => ['DELETE', `acl/binding-rule/${encoded(ID)}`],
    'acl/tokens': ({ AccessorID }) => ['DELETE', `acl/token/${encoded(AccessorID)}`],
    'catalog/nodes': ({ Node }) => ['PUT', 'catalog/deregister', { Node }],
  },
  {
    'acl/roles': ({ ID }) => ['DELETE', `acl/role/${encoded(ID)}`],
    'session/list': ({ ID }) => ['PUT', `session/destroy/${encoded(ID)}`],
  },
  { 'acl/policies': ({ ID }) => ['DELETE', `acl/policy/${encoded(ID)}`] },
];

async function undo(send: Send, pristine: Snapshot, shown: Snapshot): Promise<void> {
  if (shown.has('kv/?keys=true')) await send('DELETE', 'kv/?recurse=true');
  for (const step of STEPS) {
    await Promise.all(
      [...shown].flatMap(([path, value]) => {
        const request = step[path];
        const before = new Set(items(pristine.get(path)).map((item) => JSON.stringify(item)));
        const extra = request ? items(value).filter((item) => !before.has(JSON.stringify(item))) : [];
        return extra.map((item) => request && unlessGone(send(...request(item))));
      }),
    );
  }
}

/** The items of a list, or of an object that has them by their ids. */
function items(value = 'null'): Fields[] {
  const { data }: { data?: unknown } = JSON.parse(value) ?? {};
  return (Array.isArray(data) ? data : isRecord(data) ? Object.values(data) : []).filter(isRecord);
}

/** The removal of an auth method takes its rules and tokens with it. */
async function unlessGone(undone: Promise<unknown>): Promise<void> {
  await undone.catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}

function encoded(name: unknown): string {
  return encodeURIComponent(String(name));
}
