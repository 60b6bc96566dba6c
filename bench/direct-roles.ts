/**
 * The direct provisioner with few and with many roles, and with none of them changed, against the same requests by hand
 * to the same running Vault: node:http with kept connections, as many at a time as the provisioner sends. What was
 * applied is removed after each run, outside of the clock. The heap is looked at, garbage
 * collected, after the run to warm up and after the last.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { directProvisioner, type ServerRequest, startEnvironment } from 'vaultproof';
import { nodeHttpTo } from './by-hand/node-http.js';
import { firstAuthMount, type Send } from './by-hand/vault-http.js';
import type { Comparison, Measurement, Target } from './measurement.js';
import { median } from './paired-rounds.js';

const AT_ONCE = 16;
const MOST = 1000;
/** With their auth method 50 resources, which is more than most stacks have. */
const MANY = 49;
const COUNTS = [5, MANY, MOST];
const BUDGETS: Readonly<Record<number, readonly Target[]>> = {
  [MANY]: [
    { of: 'ours', limit: 'at most', value: 50 },
    { of: 'ratio', limit: 'at most', value: 1.5 },
  ],
  [MOST]: [{ of: 'ratio', limit: 'at most', value: 1.3 }],
};
/** A sample is the median of so many runs: a single one says more of the machine's mood than of the code. */
const RUNS = 5;
/** What the heap may grow by with each apply of the most roles, whose JSON alone is 0.3 MB. */
const FLAT_MB = 0.02;

/** See the head of this file. */
export const directRoles: Measurement = {
  name: 'direct-roles',
  prepare: async () => {
    const env = await startEnvironment();
    const { request } = env.vault;
    const jwksUrl = env.issuer.jwksUrlFor(env.vault);
    const byNodeHttp = nodeHttpTo(env.vault.address, env.vault.token);
    await firstAuthMount(request);
    const collectGarbage = garbageCollector();
    let applies = 0;
    let settled = 0;
    const heap = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed / 1024 ** 2;
    };

    const timed = async (run: () => Promise<unknown>): Promise<number> => {
      const begin = performance.now();
      await run();
      return performance.now() - begin;
    };
    const clean = (): Promise<unknown> => request('DELETE', 'sys/auth/jwt');
    const sample = async (run: () => Promise<number>): Promise<number> => {
      const took: number[] = [];
      for (let runs = 0; runs < RUNS; runs++) took.push(await run());
      return median(took);
    };
    const byHand = (sent: readonly Sent[]) => async (): Promise<number> => {
      const took = await timed(() => replay(byNodeHttp.send, sent));
      await clean();
      return took;
    };
    const sent = new Map<number, Sent[]>();
    for (const count of COUNTS) {
      sent.set(count, await recorded(request, declared(jwksUrl, count)));
      await clean();
    }
    const comparisons = COUNTS.flatMap((count): Comparison[] => {
      const json = declared(jwksUrl, count);
      const hand = byHand(sent.get(count) ?? []);
      const shared = { unit: 'ms', baseline: 'the same by node:http', theirs: () => sample(hand) } as const;
      const apply = async (): Promise<number> => {
        const took = await timed(() => directProvisioner({ vault: request }).apply('bench', json));
        await clean();
        // Not each time: a collection throws away what is compiled, too.
        if (count === MOST && applies++ === 0) settled = heap();
        return took;
      };
      const applyAgain = async (): Promise<number> => {
        const provisioner = directProvisioner({ vault: request });
        await provisioner.apply('bench', json);
        const took = await timed(() => provisioner.apply('bench', json));
        await clean();
        return took;
      };
      return [
        {
          ...shared,
          name: `direct apply of ${count} roles`,
          target: 1.1,
          budgets: BUDGETS[count] ?? [],
          ours: () => sample(apply),
        },
        {
          ...shared,
          name: `direct apply of ${count} roles, none changed`,
          target: 0.5,
          ours: () => sample(applyAgain),
        },
      ];
    });
    return {
      comparisons,
      notes: () => [growth(heap() - settled, applies - 1)],
      [Symbol.asyncDispose]: async () => {
        byNodeHttp.close();
        await env.stop();
      },
    };
  },
};

function growth(megabytes: number, applies: number): string {
  const each = megabytes / applies;
  const verdict = each <= FLAT_MB ? 'flat' : `GROWS, and should not by more than ${FLAT_MB}`;
  return `the heap grew by ${each.toFixed(3)} MB with each apply of ${MOST} roles: ${verdict}`;
}

/** Node has it behind a flag alone. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

const role = {
  role_type: 'jwt',
  user_claim: 'sub',
  bound_audiences: ['damage_inc'],
  token_ttl: 900,
  token_policies: ['reader'],
};

function declared(jwksUrl: string, count: number): unknown {
  const roles = Array.from({ length: count }, (_, index) => [
    `r${index}`,
    { ...role, backend: `\${vault_jwt_auth_backend.jwt.path}`, role_name: `r${index}`, bound_subject: `user-${index}` },
  ]);
  return {
    resource: {
      vault_jwt_auth_backend: { jwt: { jwks_url: jwksUrl } },
      vault_jwt_auth_backend_role: Object.fromEntries(roles) as unknown,
    },
  };
}

/** A request as the provisioner sends it. */
type Sent = readonly [method: string, path: string, json: unknown];

/** What one apply sends: the providers send more than is declared, and so does it. */
async function recorded(request: ServerRequest, json: unknown): Promise<Sent[]> {
  const sent: Sent[] = [];
  const recording: ServerRequest = (method, path, body) => {
    sent.push([method, path, body]);
    return request(method, path, body);
  };
  await directProvisioner({ vault: recording }).apply('record', json);
  return sent;
}

/** The same requests, in the same order: the mount, what needs it alone, and the roles. */
async function replay(send: Send, sent: readonly Sent[]): Promise<void> {
  const [mount, ...rest] = sent;
  const roles = rest.filter(([, path]) => path.includes('/role/'));
  if (mount) await send(...mount);
  await Promise.all(rest.filter((one) => !roles.includes(one)).map((one) => send(...one)));
  const queue = roles.values();
  const worker = async (): Promise<void> => {
    for (const one of queue) await send(...one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
