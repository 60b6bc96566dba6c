import { createPool, type StartedConsul } from 'vaultproof';
import { expect, test } from 'vitest';
import { isRecord } from '../../../internal/json.js';
import { randomBy } from '../../support/random.js';
import { rounds } from '../../support/rounds.js';
import { callConsulAtRandom } from './random-consul-calls.js';

/** More take longer: `VAULTPROOF_ROUNDS=500 VAULTPROOF_SEED=7 npx vitest run consul-as-new`. */
const { count: ROUNDS, seed: SEED } = rounds(25);

const NAMES = ['alpha', 'beta', 'gamma'];
/** All that the HTTP API lists, and what it shows of the names that the calls use. */
const SHOWN: readonly string[] = [
  ...['acl/auth-methods', 'acl/binding-rules', 'acl/policies', 'acl/roles', 'acl/templated-policies', 'acl/tokens'],
  ...['agent/checks', 'agent/members', 'agent/services', 'agent/connect/ca/roots', 'catalog/datacenters'],
  ...['catalog/nodes', 'catalog/services', 'connect/ca/configuration', 'connect/ca/roots', 'connect/intentions'],
  ...['event/list', 'exported-services', 'kv/?recurse=true', 'operator/autopilot/configuration', 'peerings', 'query'],
  ...['operator/raft/configuration', 'session/list', 'status/leader', 'status/peers'],
  ...['any', 'critical', 'passing', 'warning'].map((state) => `health/state/${state}`),
  ...['config/proxy-defaults/global', 'config/mesh/mesh', 'acl/token/00000000-0000-0000-0000-000000000002'],
  ...['service-defaults', 'service-resolver', 'service-intentions', 'ingress-gateway'].map((kind) => `config/${kind}`),
  ...NAMES.flatMap((name) => [
    ...[`kv/${name}?recurse=true`, `acl/role/name/${name}`, `acl/policy/name/${name}`, `acl/auth-method/${name}`],
    ...[
      `agent/service/${name}`,
      `agent/health/service/name/${name}`,
      `catalog/node/${name}`,
      `catalog/service/${name}`,
    ],
    ...[`discovery-chain/${name}`, `health/node/${name}`, `health/service/${name}`, `session/node/${name}`],
    ...[`peering/${name}`, `query/${name}/execute`, `catalog/gateway-services/${name}`],
  ]),
];

/** Differ with each write, or with each lease, whose token is another one; and what the agent adds to its node after its start. */
const VOLATILE =
  /^(?:\w*Index|TaggedAddresses|consul-network-segment|Datacenters|CreateTime|AccessorID|SecretID|Hash)$/;

test('a Consul that is leased again shows what a new one shows', { timeout: 60_000 + ROUNDS * 4_000 }, async () => {
  await using pool = await createPool({ vault: false, consul: true, size: 2 });
  const random = randomBy(SEED);
  const pristine = new Map<string, ReadonlyMap<string, string>>();
  const differences = new Map<string, string>();
  let [made, refused, compared] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    await using env = await pool.lease();
    const { consul } = env;
    const shown = await everythingIn(consul);
    const { Config } = (await consul.request('GET', 'agent/self')) as { Config: { NodeID: string } };
    const before = pristine.get(Config.NodeID);
    if (before === undefined) pristine.set(Config.NodeID, shown);
    else {
      compared += 1;
      for (const [path, value] of shown) if (before.get(path) !== value) differences.set(path, value);
    }
    for (let calls = 5 + random.below(20); calls > 0; calls--) {
      if (await callConsulAtRandom(consul, random)) made += 1;
      else refused += 1;
    }
  }
  // biome-ignore lint/suspicious/noConsole: the totals are what the test is run for
  console.log({ rounds: ROUNDS, seed: SEED, made, refused, compared, ...pool.counts.consul });
  expect([...differences]).toEqual([]);
  expect(compared).toBeGreaterThan(ROUNDS / 2);
  expect(made).toBeGreaterThan(refused);
});

async function everythingIn({ address, token }: StartedConsul): Promise<ReadonlyMap<string, string>> {
  const shown = new Map<string, string>();
  for (const path of SHOWN) {
    const answer = await fetch(`${address}/v1/${path}`, { headers: { 'x-consul-token': token } });
    const text = await answer.text();
    shown.set(path, `${answer.status} ${JSON.stringify(settled(parsed(text)))}`);
  }
  return shown;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function settled(value: unknown): unknown {
  // Tokens are in the order of their ids.
  if (Array.isArray(value)) return value.map((item) => JSON.stringify(settled(item))).sort();
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !VOLATILE.test(name));
  return Object.fromEntries(kept.map(([name, field]) => [name, settled(field)]));
}
