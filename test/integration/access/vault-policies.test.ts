import { type Environment, httpClient } from 'vaultproof';
import { readVaultPolicy, type VaultOperation, type VaultPolicy, vaultAcl } from 'vaultproof/access';
import { policyOf, type VaultCapability, type VaultPathRule } from 'vaultproof/stacks/policy';
import { expect, test } from 'vaultproof/vitest';
import { type Random, randomBy } from '../../support/random.js';
import { randomPath, randomPattern, some } from '../../support/random-policies.js';
import { rounds } from '../../support/rounds.js';
import { ofProduct } from '../../support/vault-of-tests.js';

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

function capabilities(): readonly string[] {
  const both = ['create', 'read', 'update', 'patch', 'delete', 'list', 'sudo'];
  return [...both, ...ofProduct({ vault: ['subscribe', 'recover'], openbao: ['scan'] })];
}

/** Writes a policy and reads it here. */
async function policy(name: string, text: string): Promise<VaultPolicy> {
  await env.vault.request('PUT', `sys/policies/acl/${name}`, { policy: text });
  return readVaultPolicy(name, text, { product: env.vault.product });
}

async function tokenWith(policies: readonly VaultPolicy[]): Promise<string> {
  const { auth } = await env.vault.request('POST', 'auth/token/create-orphan', {
    policies: policies.map(({ name }) => name),
    no_default_policy: true,
  });
  return (auth as { client_token: string }).client_token;
}

/** A policy for a reader. */
function shown({ rules }: VaultPolicy): readonly string[] {
  return rules.map(({ subscribeEventTypes: _types, ...rule }) => {
    const bounds = [...rule.allowedParameters, '-', ...rule.deniedParameters];
    return JSON.stringify([
      rule.path,
      rule.capabilities,
      rule.minWrappingTtl,
      rule.maxWrappingTtl,
      bounds,
      rule.requiredParameters,
    ]);
  });
}

function randomRules(random: Random): string {
  const rules = Array.from({ length: 1 + random.below(5) }, () => {
    const granted = random.oneIn(8) ? ['deny'] : some(random, capabilities());
    return `path ${JSON.stringify(randomPattern(random))} { capabilities = ${JSON.stringify(granted)} }`;
  });
  return rules.join('\n');
}

test('what policies grant at a path is what sys/capabilities answers', { timeout: 1_200_000 }, async () => {
  const { count, seed } = rounds(4_000);
  const random = randomBy(seed);
  const differences: unknown[] = [];
  let checked = 0;
  for (let set = 0; checked < count; set++) {
    const policies = await Promise.all(
      Array.from({ length: 1 + random.below(4) }, (_, index) => policy(`p${set}-${index}`, randomRules(random))),
    );
    const token = await tokenWith(policies);
    const paths = [...new Set(Array.from({ length: 100 }, () => randomPath(random)))].filter((path) => path !== '');
    const { data } = await env.vault.request('POST', 'sys/capabilities', { token, paths });
    const acl = vaultAcl(policies, env.vault.product);
    for (const path of paths) {
      const [server, ours] = [(data as Record<string, unknown>)[path], acl.capabilities(path)];
      if (JSON.stringify(server) !== JSON.stringify(ours))
        differences.push({ set, path, server, ours, policies: policies.map(shown) });
    }
    checked += paths.length;
  }
  process.stdout.write(`${checked} paths with their policies, seed ${seed}: ${differences.length} differences\n`);
  expect(differences.slice(0, 3)).toEqual([]);
});

const VALUES = ['x', 'xy', 'x,xy', 'x, z', 'z', '', 'a*', true, false, 1, null] as const;
const LISTED = ['x', 'x*', '*y', '*', '*x*', 'z', 'a*', true, 1] as const;
const NAMES = ['one', 'Two', 'three'] as const;

function randomRule(random: Random): VaultPathRule {
  const parameters = (): Record<string, (string | number | boolean)[]> =>
    Object.fromEntries(
      [...some(random, NAMES), ...(random.oneIn(6) ? ['*'] : [])].map((name) => [name, some(random, LISTED)]),
    );
  const ttls = random.oneIn(5) ? ([['10s'], ['60'], ['1m30s'], ['1h', '2h'], ['0.5s', '1d']] as const) : [[]];
  const [min, max] = random.pick<readonly string[]>(ttls);
  return {
    path: randomPattern(random, ['kv'], 2)
      .replace(/^\//, '')
      .replaceAll(/\/{2,}/g, '/')
      .replaceAll(/\*(?!$)/g, 'b'),
    capabilities: random.oneIn(12)
      ? ['deny']
      : (['create', 'read', 'update', 'delete', 'list'].filter(() => !random.oneIn(4)) as VaultCapability[]),
    ...(random.oneIn(3) && { allowedParameters: parameters() }),
    ...(random.oneIn(4) && { deniedParameters: parameters() }),
    ...(random.oneIn(6) && { requiredParameters: some(random, NAMES) }),
    ...(min !== undefined && (max !== undefined || random.oneIn(2)) && { minWrappingTtl: min }),
    ...((max ?? min) !== undefined && { maxWrappingTtl: max ?? min }),
  };
}

/** A path below the engine's own, to which the server adds a slash. */
function secretPath(random: Random): string {
  const path = randomPath(random, ['kv'], 2)
    .replaceAll(/\/{2,}/g, '/')
    .replace(/\/$/, '');
  return path === 'kv' ? secretPath(random) : path;
}

const METHODS: Readonly<Partial<Record<VaultOperation, string>>> = {
  create: 'POST',
  update: 'POST',
  read: 'GET',
  delete: 'DELETE',
  list: 'LIST',
};

test('requests are allowed and refused as here, with their parameters and wrapping TTLs', {
  timeout: 1_200_000,
}, async () => {
  const { count, seed } = rounds(400);
  const random = randomBy(seed);
  const http = httpClient(env.vault.address);
  await env.vault.request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '1' } });
  const there = new Set<string>();
  const verdicts: Record<string, number> = {};
  const differences: unknown[] = [];
  let policies: VaultPolicy[] = [];
  let token = '';
  for (let checked = 0; checked < count; checked++) {
    if (checked % 20 === 0) {
      policies = await Promise.all(
        Array.from({ length: 1 + random.below(3) }, (_, index) =>
          policy(
            `r${checked}-${index}`,
            policyOf(Array.from({ length: 1 + random.below(4) }, () => randomRule(random))),
          ),
        ),
      );
      token = await tokenWith(policies);
    }
    const path = secretPath(random);
    const kind = random.pick(['write', 'write', 'write', 'read', 'delete', 'list'] as const);
    const operation = kind === 'write' ? (there.has(path) ? 'update' : 'create') : kind;
    const values = operation === 'read' ? VALUES.filter((value) => typeof value === 'string') : VALUES;
    const value = (): unknown => (random.oneIn(5) && operation !== 'read' ? some(random, VALUES) : random.pick(values));
    const data =
      kind === 'write' || kind === 'read' ? Object.fromEntries(some(random, NAMES).map((name) => [name, value()])) : {};
    const wrapTtl = random.oneIn(3) ? random.pick([5, 10, 60, 90, 3600, 7200]) : undefined;
    const query = operation === 'read' ? `?${new URLSearchParams(data as Record<string, string>)}` : '';
    const asked = operation === 'list' ? `${path}/` : path;
    const { status } = await http.request(
      METHODS[operation] ?? '',
      `/v1/${asked.split('/').map(encodeURIComponent).join('/')}${query}`,
      {
        headers: { 'x-vault-token': token, ...(wrapTtl !== undefined && { 'x-vault-wrap-ttl': String(wrapTtl) }) },
        json: kind === 'write' ? data : undefined,
      },
    );
    const verdict = vaultAcl(policies, env.vault.product).decide({ operation, path: asked, data, wrapTtl });
    const reason = verdict.allowed ? 'allowed' : verdict.reason;
    verdicts[reason] = (verdicts[reason] ?? 0) + 1;
    if (verdict.allowed !== (status !== 403)) {
      differences.push({ checked, operation, asked, data, wrapTtl, status, reason, policies: policies.map(shown) });
    }
    if (status >= 200 && status < 300 && kind === 'write') there.add(path);
    if (status === 204 && kind === 'delete') there.delete(path);
  }
  process.stdout.write(`${JSON.stringify({ requests: count, seed, differences: differences.length, verdicts })}\n`);
  expect(differences.slice(0, 3)).toEqual([]);
});
