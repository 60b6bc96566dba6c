import type { ConsulAccessRequest } from 'vaultproof/access';
import {
  accessDiff,
  consulAclOf,
  type DeclaredAccess,
  readAccess,
  whatCan,
  whoCan,
  wouldLogInToConsul,
} from 'vaultproof/access';
import { expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';
import { type Random, randomBy } from '../../support/random.js';
import { some } from '../../support/random-policies.js';

bePatient();

const VALUES = ['a', 'A', 'ab', 'b', 'team-a', '', 'x/y'] as const;
const CLAIMS = { repo: 'repo', ref: 'ref', team: 'team' };

function randomSelector(random: Random): string {
  const comparison = (): string => {
    const value = JSON.stringify(random.pick(VALUES));
    if (random.oneIn(3))
      return random.pick([
        `${value} in list.groups`,
        `${value} not in list.groups`,
        'list.groups is empty',
        '"groups" in list',
      ]);
    const field = `value.${random.pick(['repo', 'ref', 'team'])}`;
    return random.pick([
      `${field} == ${value}`,
      `${field} == ${value}`,
      `${field} != ${value}`,
      `${value} in ${field}`,
      `${field} matches "^a"`,
      `"${field.slice(6)}" in value`,
    ]);
  };
  const both = random.oneIn(2) ? `${comparison()} ${random.pick(['and', 'or'])} ${comparison()}` : comparison();
  return random.oneIn(5) ? `not (${both})` : both;
}

function randomRules(random: Random): string {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const resource = random.pick(['key', 'key', 'service'] as const);
    const level = random.pick(resource === 'key' ? ['read', 'list', 'write', 'deny'] : ['read', 'write', 'deny']);
    const name = random.pick(['', 'a', 'ab', 'a/', 'b']);
    return `${resource}${random.oneIn(2) ? '_prefix' : ''} "${name}" { policy = "${level}" }\n`;
  }).join(random.oneIn(6) ? 'operator = "read"\n' : '');
}

async function randomAccess(random: Random): Promise<DeclaredAccess> {
  const policies = ['a', 'ab', 'team-a'].filter(() => !random.oneIn(5));
  const rules = Array.from({ length: 1 + random.below(3) }, (_, index) => {
    const bind_type = random.pick(['policy', 'policy', 'role', 'service']);
    const bind_name = random.pick(['a', 'ab', `$\${value.team}`, `team-$\${value.repo}`]);
    return [
      `r${index}`,
      { auth_method: 'ci', bind_type, bind_name, selector: random.oneIn(6) ? '' : randomSelector(random) },
    ];
  });
  const audiences = random.pick([['one'], ['one', 'two']]);
  return readAccess([
    {
      resource: {
        consul_acl_auth_method: {
          ci: {
            ...{ name: 'ci', type: 'jwt' },
            config_json: JSON.stringify({
              ...{ JWKSURL: 'http://localhost', BoundAudiences: audiences, ClaimMappings: CLAIMS },
              ...(!random.oneIn(4) && { ListClaimMappings: { groups: 'groups' } }),
            }),
          },
        },
        consul_acl_binding_rule: Object.fromEntries(rules),
        consul_acl_policy: Object.fromEntries(policies.map((name) => [name, { name, rules: randomRules(random) }])),
        consul_acl_role: { a: { name: 'a', policies: some(random, policies) } },
      },
    },
  ]);
}

function randomToken(random: Random): Record<string, unknown> {
  const claims: Record<string, unknown> = { aud: random.pick(['one', 'two']) };
  for (const name of ['repo', 'ref', 'team']) if (!random.oneIn(4)) claims[name] = random.pick([...VALUES, 'b', 'a']);
  if (random.oneIn(2)) claims['groups'] = some(random, VALUES);
  return claims;
}

/** Whether a token may do something, by the functions that are compared with a real Consul; undefined where a regular expression decides. */
function may(
  access: DeclaredAccess,
  claims: Record<string, unknown>,
  request?: ConsulAccessRequest,
): boolean | undefined {
  const { consul } = access;
  const [login] = consul?.logins ?? [];
  if (consul === undefined || login === undefined) return false;
  const verdict = wouldLogInToConsul(login, claims);
  if (verdict.undecided.length > 0) return undefined;
  if (!verdict.in || request === undefined) return verdict.in;
  const policies = verdict.bindings.flatMap(({ type, name }) => {
    if (type === 'policy') return consul.policies.get(name) ?? [];
    if (type === 'role') return consul.roles.get(name) ?? [];
    const grants = [
      { resource: 'service', segment: name, kind: 'policy', access: 'write' },
      { resource: 'service', segment: `${name}-sidecar-proxy`, kind: 'policy', access: 'write' },
      { resource: 'service_prefix', segment: '', kind: 'policy', access: 'read' },
      { resource: 'node_prefix', segment: '', kind: 'policy', access: 'read' },
    ];
    return { name, grants, undecided: [] };
  });
  return consulAclOf(policies).allows(request);
}

function requestOf(path: string, capability: string | undefined): ConsulAccessRequest {
  const [resource = '', ...segment] = path.split(':');
  return {
    resource,
    ...(segment.length > 0 && { segment: segment.join(':') }),
    access: capability,
  } as ConsulAccessRequest;
}

test('a witness is a token that one side lets do it, and the other does not', async () => {
  const random = randomBy(1);
  let shown = 0;
  for (let count = 0; count < 60; count++) {
    const [base, head] = [await randomAccess(random), await randomAccess(random)];
    const { widened, narrowed } = accessDiff(base, head);
    for (const [all, gains, lacks] of [
      [widened, head, base],
      [narrowed, base, head],
    ] as const) {
      for (const one of all) {
        const request = one.path === undefined ? undefined : requestOf(one.path, one.capability);
        const claims = { ...one.witness.claims };
        const seen = [may(gains, claims, request), may(lacks, claims, request)];
        // What a regular expression leaves open here is decided otherwise where it counts for nothing.
        if (!seen.includes(undefined)) expect([one, ...seen]).toEqual([one, true, false]);
      }
      shown += all.length;
    }
  }
  expect(shown).toBeGreaterThan(300);
});

test('what a token at random may newly do is among what is said, or undecided', async () => {
  const random = randomBy(2);
  let tried = 0;
  for (let count = 0; count < 60; count++) {
    const base = await randomAccess(random);
    const head = random.oneIn(3)
      ? await randomAccess(random)
      : { ...(await randomAccess(random)), ...(random.oneIn(2) && { consul: base.consul }) };
    const { widened, undecided } = accessDiff(base, head);
    const isOpen = undecided.some((one) => one.includes('whether it newly'));
    for (let index = 0; index < 40; index++) {
      const claims = randomToken(random);
      if (may(head, claims) === true && may(base, claims) === false) {
        tried++;
        expect([base.consul, head.consul, claims, isOpen || widened.some(({ kind }) => kind === 'login')]).toEqual([
          base.consul,
          head.consul,
          claims,
          true,
        ]);
      }
      const request: ConsulAccessRequest = {
        resource: random.pick(['key', 'service'] as const),
        segment: random.pick(['a', 'ab', 'abc', 'a/b', 'b', 'z']),
        access: random.pick(['read', 'write'] as const),
      };
      if (may(head, claims, request) !== true || may(base, claims, request) !== false) continue;
      tried++;
      const isSaid = widened.some(
        ({ path, capability }) => path?.startsWith(request.resource) && capability === request.access,
      );
      expect([base.consul, head.consul, claims, request, isOpen || isSaid]).toEqual([
        base.consul,
        head.consul,
        claims,
        request,
        true,
      ]);
    }
  }
  expect(tried).toBeGreaterThan(200);
});

test('who: a token at random that may do it has a rule in the answer, and examples may do it', async () => {
  const random = randomBy(3);
  let tried = 0;
  for (let count = 0; count < 300; count++) {
    const access = await randomAccess(random);
    const request: ConsulAccessRequest = {
      resource: random.pick(['key', 'service', 'intention'] as const),
      segment: random.pick(['a', 'ab', 'abc', 'a/b', 'b', 'z', '*']),
      access: random.pick(['read', 'write'] as const),
    };
    const { who, undecided } = whoCan(access, request);
    for (const { example } of who) {
      const seen = may(access, { ...example }, request);
      if (seen !== undefined) expect([request, example, seen]).toEqual([request, example, true]);
    }
    for (let index = 0; index < 40; index++) {
      const claims = randomToken(random);
      if (may(access, claims, request) !== true) continue;
      tried++;
      expect([
        access.consul,
        claims,
        request,
        who.length > 0 || undecided.some((one) => one.includes('who gets')),
      ]).toEqual([access.consul, claims, request, true]);
      expect(whatCan(access, claims).logins).toHaveLength(1);
    }
  }
  expect(tried).toBeGreaterThan(100);
});
