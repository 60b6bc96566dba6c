/**
 * Users in a key of Consul's. How many requests they cost while nothing changes, those that wait included, against asking
 * once a second by hand. And how long it takes from the moment that a document is written until its users are known,
 * against a bare blocking query by hand, with node:http and JSON.parse.
 */
import { Agent, request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { startConsul } from 'vaultproof';
import { openConsulUsers } from 'vaultproof/issuer/users';
import { type CountingProxy, countingProxy } from './by-hand/counting-proxy.js';
import type { Measurement } from './measurement.js';
import { median } from './paired-rounds.js';

const IDLE_SECONDS = 5;
const POLL_MS = 1_000;
/** A sample is the median of so many writes. */
const WRITES = 15;
const KEY = 'appmesh/security';

/** See the head of this file. */
export const consulWatch: Measurement = {
  name: 'consul-watch',
  prepare: async () => {
    const consul = await startConsul();
    const { token } = consul;
    let turn = 0;
    const fresh = (): { readonly name: string; readonly text: string } => {
      turn += 1;
      const name = `user-${turn}`;
      return {
        name,
        text: JSON.stringify({ Roles: { view: ['app-view'] }, Users: { [name]: { key: 'x', roles: ['view'] } } }),
      };
    };
    await consul.kv.write(KEY, fresh().text);
    const users = await openConsulUsers({ address: consul.address, token });
    const agent = new Agent({ keepAlive: true });
    const byHand = (address: string, query = ''): Promise<ByHand> =>
      get(agent, `${address}/v1/kv/${KEY}${query}`, token);

    /** What a window of some seconds costs: the requests that wait at its beginning, and those that are made in it. */
    const idle = async (proxy: CountingProxy): Promise<number> => {
      const { sent, open } = proxy.count();
      await after(IDLE_SECONDS * 1_000);
      return open + proxy.count().sent - sent;
    };
    const watched = async (): Promise<number> => {
      await using proxy = await countingProxy(consul.address);
      await using store = await openConsulUsers({ address: proxy.address, token });
      while (proxy.count().sent < 2) await after(1);
      const cost = await idle(proxy);
      if (store.status().stale) throw new Error('the users are stale');
      return cost;
    };
    const polled = async (): Promise<number> => {
      await using proxy = await countingProxy(consul.address);
      const polling = setInterval(() => void byHand(proxy.address), POLL_MS);
      const cost = await idle(proxy);
      clearInterval(polling);
      return cost;
    };

    const times = async (once: () => Promise<number>): Promise<number> => {
      const took: number[] = [];
      for (let write = 0; write < WRITES; write += 1) took.push(await once());
      return median(took);
    };
    const known = async (): Promise<number> => {
      const { name, text } = fresh();
      const taken = new Promise<void>((resolve) => {
        const stop = users.subscribe(() => {
          stop();
          resolve();
        });
      });
      const begin = performance.now();
      await Promise.all([consul.kv.write(KEY, text), taken]);
      if (!(await users.find(name))) throw new Error('another document was taken');
      return performance.now() - begin;
    };
    const knownByHand = async (): Promise<number> => {
      const { name, text } = fresh();
      const { index } = await byHand(consul.address);
      const waiting = byHand(consul.address, `?index=${index}&wait=60s`);
      // Until the query is there, as it is on our side.
      await after(30);
      const begin = performance.now();
      const [, answer] = await Promise.all([consul.kv.write(KEY, text), waiting]);
      if (!(name in answer.users)) throw new Error('another document was read');
      return performance.now() - begin;
    };
    return {
      comparisons: [
        {
          name: `users in Consul, ${IDLE_SECONDS} idle seconds`,
          baseline: 'asked once a second by hand',
          unit: 'requests',
          target: { of: 'ours', limit: 'at most', value: 1 },
          maxRounds: 4,
          ours: watched,
          theirs: polled,
        },
        {
          name: 'users in Consul, written until known',
          baseline: 'a blocking query by node:http',
          unit: 'ms',
          target: 1.5,
          maxRounds: 20,
          ours: () =>
            times(async () => {
              await after(30);
              return known();
            }),
          theirs: () => times(knownByHand),
        },
      ],
      notes: () => [],
      [Symbol.asyncDispose]: async () => {
        agent.destroy();
        await users.close();
        await consul.stop();
      },
    };
  },
};

interface ByHand {
  readonly index: string;
  readonly users: Readonly<Record<string, unknown>>;
}

function get(agent: Agent, url: string, token: string): Promise<ByHand> {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers: { 'x-consul-token': token } }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const [entry] = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { Value: string }[];
        const { Users } = JSON.parse(Buffer.from(entry?.Value ?? '', 'base64').toString('utf8')) as {
          Users: ByHand['users'];
        };
        resolve({ index: String(incoming.headers['x-consul-index']), users: Users });
      });
    })
      .on('error', reject)
      .end();
  });
}
