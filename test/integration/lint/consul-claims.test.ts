import type { ConsulSession, Environment } from 'vaultproof';
import type { SigningAlgorithm } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { afterAll, beforeAll, describe } from 'vitest';
import { type ConsulAcl, consulAcl } from '../../support/consul-jwt.js';

// What the rules in harness/lint/rules/ say of Consul, asked of Consul.

type Fields = Readonly<Record<string, unknown>>;

test.override({
  fileServices: {
    vault: false,
    consul: { engine: 'process' },
    issuer: { algorithms: ['RS256', 'ES256'] },
  },
});

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
let acl: ConsulAcl;
let count = 0;

beforeAll(() => {
  acl = consulAcl(env.consul);
});
afterAll(() => acl?.close());

/** Declares an auth method of its own, with rules; each is for the service `web` unless it says otherwise. */
async function declare(config: Fields, ...rules: readonly Fields[]): Promise<string> {
  count += 1;
  const name = `method-${count}`;
  const keys = { JWKSURL: env.issuer.jwksUrlFor(env.consul), BoundIssuer: env.issuer.url };
  const mappings = { ClaimMappings: { sub: 'user', team: 'team' }, ListClaimMappings: { groups: 'groups' } };
  const { status, message } = await acl.writeMethod(name, { ...keys, ...mappings, ...config });
  expect([status, message]).toEqual([200, '']);
  for (const rule of rules) {
    await acl.put('/v1/acl/binding-rule', { AuthMethod: name, BindType: 'service', BindName: 'web', ...rule });
  }
  return name;
}

async function session(method: string, claims: Fields = {}, alg: SigningAlgorithm = 'RS256'): Promise<ConsulSession> {
  const jwt = await env.issuer.sign({ sub: 'somebody', aud: null, ...claims }, { alg });
  return env.consul.login({ jwt, method });
}

/** `in`, or the code of the refusal. */
async function outcome(...login: Parameters<typeof session>): Promise<string> {
  return session(...login).then(
    () => 'in',
    (error: { readonly code: string }) => error.code,
  );
}

const REFUSED = 'no_binding_rule_matched';

describe('a selector that a token without the claim satisfies', () => {
  test.each([
    'value.team != "red"',
    'value.team not matches "^r"',
    'value.team matches "^blue$"',
    'value.team not contains "r"',
    '"red" not in list.groups',
    'list.groups is empty',
    '"team" not in value',
    'not value.team == "red"',
  ])('%s', async (Selector) => {
    expect(await outcome(await declare({}, { Selector }))).toBe('in');
  });

  test.each(['value.team == "red"', '"red" in value.team', '"red" in list.groups', '"team" in value'])(
    'is not %s',
    async (Selector) => {
      expect(await outcome(await declare({}, { Selector }))).toBe(REFUSED);
    },
  );

  test('is not one that asks for the claim first', async () => {
    const method = await declare({}, { Selector: '"team" in value and value.team matches "^blue$"' });
    expect(await outcome(method)).toBe(REFUSED);
    expect(await outcome(method, { team: 'red' })).toBe(REFUSED);
    expect(await outcome(method, { team: 'blue' })).toBe('in');
  });
});

describe('a name with a claim in it that the token lacks', () => {
  test('is another name', async () => {
    await acl.put('/v1/acl/role', { Name: 'tasks-' });
    const role = await declare({}, { BindType: 'role', BindName: `tasks-\${value.team}` });
    expect((await session(role)).roles).toEqual(['tasks-']);
    const service = await declare({}, { BindName: `a\${value.team}b` });
    expect((await session(service)).serviceIdentities).toMatchObject([{ serviceName: 'ab' }]);
  });

  test('is refused where Consul takes no such name', async () => {
    expect(await outcome(await declare({}, { BindName: `tasks-\${value.team}` }))).not.toBe('in');
    expect(await outcome(await declare({}, { BindType: 'role', BindName: `\${value.team}` }))).not.toBe('in');
  });

  test('with an unmapped claim or a list in it is refused with its rule', async () => {
    for (const BindName of [`a-\${value.other}b`, `a-\${list.groups}b`]) {
      await expect(declare({}, { BindName })).rejects.toThrow('invalid');
    }
  });
});

test('a claim that is not mapped is absent, whatever the token has', async () => {
  expect(await outcome(await declare({}, { Selector: 'value.other == "a"' }), { other: 'a' })).toBe(REFUSED);
  expect(await outcome(await declare({}, { Selector: 'value.other != "a"' }), { other: 'a' })).toBe('in');
});

describe('a claim within a claim', () => {
  const kubernetes = { namespace: 'of-mallory', serviceaccount: { name: 'vault' } };
  const claims = { 'kubernetes.io': kubernetes, email_verified: true };

  test('is reached by a pointer, and not by dots', async () => {
    const Selector = 'value.name == "vault"';
    const dotted = { ClaimMappings: { 'kubernetes.io.serviceaccount.name': 'name' } };
    const pointer = { ClaimMappings: { '/kubernetes.io/serviceaccount/name': 'name' } };
    expect(await outcome(await declare(dotted, { Selector }), claims)).toBe(REFUSED);
    // Whatever its namespace is.
    expect(await outcome(await declare(pointer, { Selector }), claims)).toBe('in');
  });

  test('that is a boolean is compared as a string', async () => {
    const mapped = { ClaimMappings: { email_verified: 'verified' } };
    expect(await outcome(await declare(mapped, { Selector: 'value.verified == "true"' }), claims)).toBe('in');
  });
});

test('an issuer without its scheme is none', async () => {
  const BoundIssuer = env.issuer.url.replace(/^https?:\/\//, '');
  expect(await outcome(await declare({ BoundIssuer }, {}))).toBe('issuer_mismatch');
});

test('an auth method for JWTs takes no OIDC client', async () => {
  const OIDC = { OIDCDiscoveryURL: env.issuer.url, OIDCClientID: 'consul', OIDCClientSecret: 'x' };
  expect((await acl.writeMethod('client', OIDC)).status).not.toBe(200);
});

test('a selector that can’t be read is refused with its rule, and one that contradicts itself lets nobody in', async () => {
  await expect(declare({}, { Selector: 'value.user = "a"' })).rejects.toThrow('Selector is invalid');
  const never = await declare({}, { Selector: 'value.user == "somebody" and value.user == "other"' });
  expect(await outcome(never)).toBe(REFUSED);
});

describe('a comparison with a part of a text', () => {
  test.each([
    ['value.user contains "acme"', 'not-acme-at-all'],
    ['"acme" in value.user', 'not-acme-at-all'],
    ['value.user matches "acme/app"', 'mallory/x-acme/app-y'],
    ['value.user matches "^acme"', 'acme-of-mallory'],
    ['value.user matches "^acme$|/acme"', 'mallory/acme'],
    ['value.user matches "^acme/"', 'acme/app'],
  ])('%s is true of %s', async (Selector, sub) => {
    expect(await outcome(await declare({}, { Selector }), { sub })).toBe('in');
  });

  test.each([
    ['value.user matches "^acme$"', 'acme-of-mallory'],
    ['value.user matches "^acme/"', 'acme-of-mallory/app'],
    ['value.user matches "^a[.]b/"', 'axb/'],
  ])('%s is not of %s', async (Selector, sub) => {
    expect(await outcome(await declare({}, { Selector }), { sub })).toBe(REFUSED);
  });
});

test('without a selector everybody gets in', async () => {
  expect(await outcome(await declare({}, {}), { sub: 'mallory' })).toBe('in');
});

test('without a BoundIssuer any iss gets in, and Consul reads its names in any case', async () => {
  const iss = 'https://elsewhere.example';
  expect(await outcome(await declare({ BoundIssuer: undefined }, {}), { iss })).toBe('in');
  expect(await outcome(await declare({}, {}), { iss })).toBe('issuer_mismatch');
  expect(await outcome(await declare({ BoundIssuer: undefined, boundissuer: env.issuer.url }, {}), { iss })).toBe(
    'issuer_mismatch',
  );
});

test.each([
  ['a key set', () => ({})],
  ['discovery', () => ({ JWKSURL: undefined, BoundIssuer: undefined, OIDCDiscoveryURL: env.issuer.url })],
])('with %s a "*" in BoundAudiences stands for itself', async (_, keys) => {
  for (const audience of ['*', 'https://*.acme.example']) {
    const method = await declare({ ...keys(), BoundAudiences: [audience] }, {});
    expect(await outcome(method, { aud: 'https://consul.acme.example' })).toBe('audience_mismatch');
    expect(await outcome(method, { aud: ['other', audience] })).toBe('in');
  }
});

describe('discovery', () => {
  const discovery = () => ({ JWKSURL: undefined, BoundIssuer: undefined, OIDCDiscoveryURL: env.issuer.url });

  test('without BoundAudiences takes tokens for anybody, where a key set takes those for nobody', async () => {
    expect(await outcome(await declare(discovery(), {}), { aud: 'somebody-else' })).toBe('in');
    const bound = await declare({ ...discovery(), BoundAudiences: ['consul'] }, {});
    expect(await outcome(bound, { aud: 'somebody-else' })).toBe('audience_mismatch');
    const keySet = await declare({}, {});
    expect(await outcome(keySet, { aud: 'somebody-else' })).not.toBe('in');
    expect(await outcome(keySet)).toBe('in');
  });

  test('enforces JWTSupportedAlgs, and a key set does not', async () => {
    const only = { JWTSupportedAlgs: ['RS256'] };
    expect(await outcome(await declare({ ...discovery(), ...only }, {}), {}, 'ES256')).toBe('algorithm_not_allowed');
    expect(await outcome(await declare(only, {}), {}, 'ES256')).toBe('in');
  });
});

test('a leeway counts nanoseconds, and takes no unit', async () => {
  const now = Math.floor(Date.now() / 1000);
  const late = { iat: now - 120, nbf: now - 120, exp: now - 30 };
  expect(await outcome(await declare({ ClockSkewLeeway: 60 }, {}), late)).toBe('token_expired');
  expect(await outcome(await declare({ ClockSkewLeeway: 60_000_000_000 }, {}), late)).toBe('in');
  const refused = await acl.writeMethod('unit', { JWKSURL: env.issuer.jwksUrlFor(env.consul), ClockSkewLeeway: '60s' });
  expect(refused.status).toBe(500);
});

test('without a max token TTL a token lives for ever, whenever its JWT ends, and is of one datacenter unless told', async () => {
  for (const [Name, TokenLocality] of [
    ['for-ever', 'local'],
    ['global', 'global'],
  ]) {
    const Config = { JWKSURL: env.issuer.jwksUrlFor(env.consul), BoundIssuer: env.issuer.url };
    await acl.put('/v1/acl/auth-method', { Name, Type: 'jwt', TokenLocality, Config });
    await acl.put('/v1/acl/binding-rule', { AuthMethod: Name, BindType: 'service', BindName: 'web' });
    const { accessorId, expirationTime } = await session(String(Name), { exp: Math.floor(Date.now() / 1000) + 1 });
    expect(expirationTime).toBeUndefined();
    expect(await env.consul.request('GET', `acl/token/${accessorId}`)).toMatchObject({
      Local: TokenLocality === 'local',
    });
  }
});

describe('a policy', () => {
  /** What Consul answers to a call with a login that has only this policy, or global-management. */
  async function answerTo(Rules: string, method: string, path: string, body: Fields): Promise<string> {
    count += 1;
    const Name = `policy-${count}`;
    if (Rules !== '') await acl.put('/v1/acl/policy', { Name, Rules });
    const bound = { BindType: 'policy', BindName: Rules === '' ? 'Global-Management' : Name };
    const { request } = await session(await declare({}, bound));
    return request(method, path, body).then(
      () => 'done',
      (error: { readonly code: string }) => error.code,
    );
  }

  const management = { Policies: [{ Name: 'global-management' }] };

  test('that may write ACLs gives itself everything, as whoever has global-management may', async () => {
    expect(await answerTo('acl = "write"', 'PUT', 'acl/token', management)).toBe('done');
    expect(await answerTo('', 'PUT', 'acl/token', management)).toBe('done');
    expect(await answerTo('acl = "read"', 'PUT', 'acl/token', management)).toBe('permission_denied');
  });

  test('that may write to the operator’s API changes the servers', async () => {
    const change = { CleanupDeadServers: true };
    const path = 'operator/autopilot/configuration';
    expect(await answerTo('operator = "write"', 'PUT', path, change)).toBe('done');
    expect(await answerTo('operator = "read"', 'PUT', path, change)).toBe('permission_denied');
  });

  test('with an empty prefix is for every name', async () => {
    expect(await answerTo('key_prefix "" { policy = "write" }', 'PUT', 'kv/any/thing', {})).toBe('done');
    expect(await answerTo('key_prefix "app/" { policy = "write" }', 'PUT', 'kv/any/thing', {})).toBe(
      'permission_denied',
    );
  });

  test('or a role that is not there gives nothing, and is found in any case', async () => {
    expect(await outcome(await declare({}, { BindType: 'policy', BindName: 'nobody-made-it' }))).toBe(
      'bound_name_not_found',
    );
    expect(await outcome(await declare({}, { BindType: 'role', BindName: 'nobody-made-it' }))).toBe(
      'bound_name_not_found',
    );
    await acl.put('/v1/acl/role', { Name: 'Ops' });
    expect((await session(await declare({}, { BindType: 'role', BindName: 'ops' }))).roles).toEqual(['Ops']);
  });
});
