import { type Environment, LoginRefusedError } from 'vaultproof';
import { wouldLogInToConsul } from 'vaultproof/access';
import { signCompact } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { consulAcl } from '../../support/consul-jwt.js';
import { type Random, randomBy } from '../../support/random.js';
import { randomClaims } from '../../support/random-logins.js';
import { some } from '../../support/random-policies.js';
import { rounds } from '../../support/rounds.js';

test.override({ fileServices: { vault: false, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

const VALUES = ['a', 'ab', 'b/a', '', 'x*', '1', 'true'] as const;
const TOKENS_A_METHOD = 10;

function randomConfig(random: Random): Record<string, unknown> {
  const mapped = some(random, ['repo', 'ref', 'flag', 'id', '/deep/a', '/list/0']);
  return {
    JWKSURL: env.issuer.jwksUrlFor(env.consul),
    BoundAudiences: random.pick([['one'], ['one', 'two'], ['three', 'one'], ...(random.oneIn(3) ? [[]] : [])]),
    ...(random.oneIn(4) && { BoundIssuer: random.pick([env.issuer.url, env.issuer.url, 'http://other']) }),
    ClaimMappings: { sub: 'sub', ...Object.fromEntries(mapped.map((claim, index) => [claim, `c${index}`])) },
    ListClaimMappings: random.oneIn(2) ? { list: 'l0' } : {},
  };
}

function randomSelector(random: Random): string {
  const comparison = (): string => {
    const field = random.pick(['value.sub', 'value.c0', 'value.c1', 'value.c2', 'list.l0']);
    const value = JSON.stringify(random.pick(VALUES));
    if (field === 'list.l0')
      return random.pick([
        `${value} in list.l0`,
        `${value} not in list.l0`,
        'list.l0 is empty',
        'list.l0 is not empty',
      ]);
    return random.pick([
      `${field} == ${value}`,
      `${field} != ${value}`,
      `${value} in ${field}`,
      `${value} not in ${field}`,
      `${field} ${random.pick(['matches', 'not matches'])} "${random.pick(['^a', 'b$', '[ab]+/', 'x|1'])}"`,
      'value.sub == "me"',
    ]);
  };
  const both = random.oneIn(2) ? `${comparison()} ${random.pick(['and', 'or'])} ${comparison()}` : comparison();
  return random.oneIn(4) ? `not (${both})` : both;
}

function randomRule(random: Random, AuthMethod: string): Record<string, unknown> {
  const BindType = random.pick(['service', 'policy', 'role', 'node']);
  const BindName = random.pick([
    'there',
    'there',
    'not-there',
    `x-\${value.sub}`,
    ...(random.oneIn(3) ? [`\${value.c0}`] : []),
  ]);
  return { AuthMethod, BindType, BindName, Selector: random.oneIn(5) ? '' : randomSelector(random) };
}

test('tokens log in to Consul and are refused as here, with what they are bound to', {
  timeout: 1_200_000,
}, async () => {
  const { count, seed } = rounds(300);
  const random = randomBy(seed);
  const acl = consulAcl(env.consul);
  await acl.put('/v1/acl/policy', { Name: 'there', Rules: '' });
  await acl.put('/v1/acl/role', { Name: 'there' });
  const iat = Math.floor(Date.now() / 1000);
  const verdicts: Record<string, number> = {};
  const differences: unknown[] = [];
  for (let checked = 0; checked < count; ) {
    const method = `m${checked}`;
    const config = randomConfig(random);
    const written = await acl.writeMethod(method, config);
    expect(written.message).toBe('');
    const rules: Record<string, unknown>[] = [];
    for (let index = 0; index < 2 + random.below(2); index++) {
      const rule = randomRule(random, method);
      // Consul refuses a name of a claim that is not mapped.
      const isWritten = await acl.put('/v1/acl/binding-rule', rule).then(
        () => true,
        () => false,
      );
      if (isWritten) rules.push(rule);
    }
    for (let index = 0; index < TOKENS_A_METHOD; index++, checked++) {
      const claims = { iss: env.issuer.url, iat, exp: iat + 600, ...randomClaims(random) };
      const jwt = await signCompact(env.issuer.keys.active(), claims);
      const server = await env.consul.login({ jwt, method }).then(
        ({ roles, policies, serviceIdentities, nodeIdentities }) => ({
          code: 'in',
          names: [
            ...policies.map((one) => `policy ${one}`),
            ...roles.map((one) => `role ${one}`),
            ...serviceIdentities.map(({ serviceName }) => `service ${serviceName}`),
            ...nodeIdentities.map(({ nodeName }) => `node ${nodeName}`),
          ],
        }),
        (error: unknown) => {
          if (error instanceof LoginRefusedError) return { code: error.code, names: [] as string[] };
          throw error;
        },
      );
      const verdict = wouldLogInToConsul({ config, rules, names: { role: ['there'], policy: ['there'] } }, claims);
      const ours = verdict.in
        ? { code: 'in', names: verdict.bindings.map(({ type, name }) => `${type} ${name}`) }
        : { code: verdict.refusals[0].code, names: [] };
      const key = (one: typeof server): string => JSON.stringify([one.code, [...new Set(one.names)].sort()]);
      verdicts[server.code] = (verdicts[server.code] ?? 0) + 1;
      if (key(server) !== key(ours)) differences.push({ checked, config, rules, claims, server, ours });
    }
  }
  process.stdout.write(`${JSON.stringify({ logins: count, seed, differences: differences.length, verdicts })}\n`);
  expect(differences.slice(0, 3)).toEqual([]);
  acl.close();
});
