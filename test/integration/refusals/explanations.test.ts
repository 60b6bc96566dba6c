import { createHmac, createPublicKey, randomBytes } from 'node:crypto';
import type { Environment, LoginRefusedError } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { encode, type Signer, signCompact } from '../../../issuer/tokens/claims.js';
import { ofProduct } from '../../support/vault-of-tests.js';

test.override({ fileServices: { consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const now = Math.floor(Date.now() / 1000);

type Source = 'key set' | 'static keys' | 'discovery';
const sources = ['key set', 'static keys', 'discovery'] as const;

let signer: Signer;
let pem: string;
let mounts = 0;

beforeAll(() => {
  signer = env.issuer.keys.active();
  pem = createPublicKey({ key: { ...env.issuer.keys.active().publicJwk }, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  }) as string;
});

/** Claims that every method here takes. */
function good(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { sub: 'alice', iss: env.issuer.url, aud: 'app', nbf: now - 5, exp: now + 3000, ...changes };
}

async function signed(payload: object | string, header = {}): Promise<string> {
  return signCompact(signer, payload, header);
}

/** A payload with members that no object of JavaScript's has, such as one that is there twice. */
function withMembers(members: string, claims = good()): string {
  return `${JSON.stringify(claims).slice(0, -1)},${members}}`;
}

/** The same with the JSON between them in front. */
function afterMembers(members: string, claims = good()): string {
  return `{${members},${JSON.stringify(claims).slice(1)}`;
}

async function refusalAtVault(jwt: string, source: Source, role: object = {}, config: object = {}) {
  mounts++;
  const mount = `jwt-${mounts}`;
  const keys = {
    'key set': { jwks_url: env.issuer.jwksUrlFor(env.vault) },
    'static keys': { jwt_validation_pubkeys: [pem] },
    discovery: { oidc_discovery_url: env.issuer.url },
  }[source];
  await env.vault.request('POST', `sys/auth/${mount}`, { type: 'jwt' });
  await env.vault.request('POST', `auth/${mount}/config`, { ...keys, bound_issuer: env.issuer.url, ...config });
  const fields = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['app'], ...role };
  await env.vault.request('POST', `auth/${mount}/role/app`, fields);
  return refusal(env.vault.login({ jwt, role: 'app', mount }));
}

async function refusalAtConsul(jwt: string, source: Source, config: object = {}, rule: object = {}) {
  mounts++;
  const method = `jwt-${mounts}`;
  const keys = {
    'key set': { JWKSURL: env.issuer.jwksUrlFor(env.consul), BoundIssuer: env.issuer.url },
    'static keys': { JWTValidationPubKeys: [pem], BoundIssuer: env.issuer.url },
    discovery: { OIDCDiscoveryURL: env.issuer.url, JWTSupportedAlgs: [signer.alg] },
  }[source];
  await env.consul.request('PUT', 'acl/auth-method', {
    Name: method,
    Type: 'jwt',
    Config: { ...keys, BoundAudiences: ['app'], ClaimMappings: { sub: 'sub' }, ...config },
  });
  const bound = { BindType: 'service', BindName: 'app', Selector: 'value.sub == "alice"', ...rule };
  await env.consul.request('PUT', 'acl/binding-rule', { AuthMethod: method, ...bound });
  return refusal(env.consul.login({ jwt, method }));
}

async function refusal(login: Promise<unknown>): Promise<LoginRefusedError> {
  return login.then(
    () => {
      throw new Error('the token was let in');
    },
    (error: LoginRefusedError) => error,
  );
}

/** Both servers' explanations of one token, by the source of the keys. */
async function refusals(jwt: string, source: Source): Promise<LoginRefusedError[]> {
  return Promise.all([refusalAtVault(jwt, source), refusalAtConsul(jwt, source)]);
}

function tampered(jwt: string): string {
  const [header, , signature] = jwt.split('.');
  return [header, encode(good({ sub: 'bob' })), signature].join('.');
}

function flattened(jwt: string): string {
  const [header, payload, signature] = jwt.split('.');
  return JSON.stringify({ protected: header, payload, signature });
}

describe('a signature that does not fit', () => {
  test.each(sources.flatMap((source) => [undefined, ''].map((kid) => [source, kid] as const)))(
    'with the keys of a %s is known as that, though the kid is %j',
    async (source, kid) => {
      for (const refused of await refusals(tampered(await signed(good(), { kid })), source)) {
        expect(refused).toMatchObject({ code: 'signature_invalid', expected: undefined, found: kid ?? null });
      }
    },
  );

  test('of a header with an extension that must be understood is laid to that', async () => {
    const jwt = await signed(good(), { crit: ['exp'], exp: 1 });
    for (const refused of await refusals(jwt, 'key set')) {
      expect(refused).toMatchObject({ code: 'token_malformed', expected: ['b64'], found: ['exp'] });
    }
  });
});

describe('with static keys, where one sentence stands for many causes,', () => {
  const algorithms = ['ES256'];

  test.each<[string, () => string | Promise<string>, object]>([
    ['the algorithm none', () => `${encode({ alg: 'none' })}.${encode(good())}.`, { found: 'none' }],
    [
      'a public key that was taken for a secret',
      () => {
        const input = `${encode({ alg: 'HS256' })}.${encode(good())}`;
        return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
      },
      { found: 'HS256' },
    ],
    ['an algorithm that nobody knows', () => signed(good(), { alg: 'ES256K' }), { found: 'ES256K' }],
    ['an algorithm for keys of another type', () => signed(good(), { alg: 'RS256' }), { found: 'RS256' }],
  ])('%s is an algorithm that is not allowed', async (_title, jwt, sides) => {
    for (const refused of await refusals(await jwt(), 'static keys')) {
      expect(refused).toMatchObject({ code: 'algorithm_not_allowed', expected: algorithms, ...sides });
    }
  });

  test.each([
    ['a claim', () => withMembers('"sub":"alice"'), 'the payload has the member "sub" twice'],
    ['a member of a claim', () => withMembers('"n":{"x":1,"x":2}'), 'the payload has the member "x" twice'],
  ])('%s that is there twice is said', async (_title, payload, note) => {
    for (const refused of await refusals(await signed(payload()), 'static keys')) {
      expect(refused).toMatchObject({ code: 'token_malformed', note });
    }
  });

  test('a payload that is no object is malformed', async () => {
    for (const refused of await refusals(await signed('[1]'), 'static keys')) {
      expect(refused).toMatchObject({ code: 'token_malformed' });
    }
  });
});

describe('a registered claim of a wrong type', () => {
  const wrong: [string, unknown, string][] = [
    ['exp', 'soon', 'a number'],
    ['nbf', {}, 'a number'],
    ['iat', [1], 'a number'],
    ['aud', 5, 'a string or a list of strings'],
    ['aud', ['app', 5], 'a string or a list of strings'],
    ['iss', 5, 'a string'],
    ['sub', ['alice'], 'a string'],
  ];
  test.each(sources.flatMap((source) => wrong.map((row) => [source, ...row] as const)))(
    'with the keys of a %s is named: %s %j',
    async (source, claim, found, type) => {
      for (const refused of await refusals(await signed(good({ [claim]: found })), source)) {
        expect(refused).toMatchObject({ code: 'claim_type_mismatch', claim, expected: type, found });
      }
    },
  );

  test('is null in discovery, where the other sources take it for none', async () => {
    const jwt = await signed(good({ exp: null }));
    expect(await refusalAtConsul(jwt, 'discovery')).toMatchObject({
      code: 'claim_type_mismatch',
      claim: 'exp',
      expected: 'a number',
      found: null,
    });
  });
});

describe('times that vault derives', () => {
  test.each<[string, object, object, string, 'after' | 'before', number, number]>([
    ['exp of iat', { iat: now - 215 }, {}, 'iat', 'after', -210, now - 215],
    ['exp of a later nbf', { iat: now - 900, nbf: now - 215 }, {}, 'nbf', 'after', -210, now - 215],
    ['exp where it is 0', { iat: now - 215, exp: 0 }, {}, 'iat', 'after', -210, now - 215],
    ['exp of iat, with a leeway', { iat: now - 90 }, { expiration_leeway: 20 }, 'iat', 'after', -80, now - 90],
    ['exp of iat, with none', { iat: now - 70 }, { expiration_leeway: -1 }, 'iat', 'after', -60, now - 70],
    ['nbf of iat', { iat: now + 600, exp: now + 900 }, {}, 'iat', 'before', 60, now + 600],
    ['nbf of exp', { exp: now + 900 }, {}, 'exp', 'before', 210, now + 900],
    ['nbf of exp, with a leeway', { exp: now + 900 }, { not_before_leeway: 20 }, 'exp', 'before', 80, now + 900],
    [
      'exp itself, with a skew',
      { exp: now - 20, iat: now - 90 },
      { clock_skew_leeway: 5 },
      'exp',
      'after',
      -5,
      now - 20,
    ],
  ])('%s', async (_title, times, role, claim, side, offset, found) => {
    const claims = { sub: 'alice', iss: env.issuer.url, aud: 'app', ...times };
    const before = Math.floor(Date.now() / 1000);
    const refused = await refusalAtVault(await signed(claims), 'key set', role);
    expect(refused).toMatchObject({ code: side === 'after' ? 'token_expired' : 'token_not_yet_valid', claim, found });
    const bound = (refused.expected as Record<string, number>)[side];
    expect(bound).toBeGreaterThanOrEqual(before + offset);
    expect(bound).toBeLessThan(before + offset + 5);
  });
});

describe('a claim whose name differs from a registered one by case', () => {
  const note = (twins: string, claim: string): string =>
    twins.includes(' and ')
      ? `the server reads ${twins} as "${claim}", and uses the last of them`
      : `the server reads ${twins} as "${claim}"`;

  test.each<[string, Record<string, unknown>, object, object]>([
    ['sub', { ſub: 'bob' }, { bound_subject: 'alice' }, { expected: 'alice', found: 'bob' }],
    ['iss', { iſſ: 'x' }, {}, { found: 'x' }],
  ])('is what vault compared for "%s"', async (claim, twin, role, sides) => {
    const [name = ''] = Object.keys(twin);
    const code = ofProduct({ vault: `${claim === 'sub' ? 'subject' : 'issuer'}_mismatch`, openbao: 'token_malformed' });
    const refused = await refusalAtVault(await signed(good(twin)), 'key set', role);
    expect(refused.code).toBe(code);
    if (code === 'token_malformed') return;
    expect(refused).toMatchObject({ claim: name, ...sides, note: note(`"${claim}" and "${name}"`, claim) });
  });

  test.each<[string, string, () => string, object]>([
    ['exp', 'token_expired', () => withMembers(`"EXP":${now - 500}`), { claim: 'EXP', found: now - 500 }],
    ['nbf', 'token_not_yet_valid', () => withMembers(`"NBF":${now + 900}`), { claim: 'NBF', found: now + 900 }],
    ['iss', 'issuer_mismatch', () => withMembers('"ISS":"x"'), { claim: 'ISS', found: 'x' }],
    ['aud', 'audience_mismatch', () => withMembers('"Aud":"x"'), { claim: 'Aud', found: 'x' }],
    ['aud', 'audience_mismatch', () => afterMembers('"AUD":"app"', good({ aud: 'x' })), { claim: 'aud', found: 'x' }],
  ])('is what consul compared for "%s", by the order of the payload: %s', async (claim, code, payload, sides) => {
    const refused = await refusalAtConsul(await signed(payload()), 'key set');
    expect(refused).toMatchObject({ code, ...sides });
    expect(refused.note).toContain(`as "${claim}", and uses the last of them`);
  });
});

test('by discovery consul misses an exp, and does not find it expired in the year 1', async () => {
  const { exp: _exp, ...claims } = good({ iat: now - 5 });
  expect(await refusalAtConsul(await signed(claims), 'discovery')).toMatchObject({
    code: 'claim_missing',
    claim: 'exp',
    found: null,
  });
});

describe('a name that looks like a pointer', () => {
  test('is none where the role does not say so', async () => {
    const refused = await refusalAtVault(await signed(good({ n: { p: 'q' } })), 'key set', { user_claim: '/n/p' });
    expect(refused).toMatchObject({ code: 'claim_missing', claim: '/n/p', found: null });
    expect(refused.note).toContain('set "user_claim_json_pointer"');
  });

  test.each([
    ['constructor', {}],
    ['/list/x', { list: ['x'] }],
    ['/sub/length', {}],
  ])('%s leads nowhere', async (name, claims) => {
    const refused = await refusalAtVault(await signed(good(claims)), 'key set', { bound_claims: { [name]: 'x' } });
    expect(refused).toMatchObject({ code: 'claim_missing', claim: name, expected: 'x', found: null });
  });
});

test('a pointer that ends in a list leads to its first item, in vault as in the explanation', async () => {
  const refused = await refusalAtVault(await signed(good({ list: ['y', 'x'] })), 'key set', {
    bound_claims: { '/list/': 'x' },
  });
  expect(refused).toMatchObject({ code: 'claim_mismatch', claim: '/list/', expected: 'x', found: 'y' });
});

describe('names that Go quotes', () => {
  test.each([
    '',
    '\\',
    'a"b',
    'line\nbreak',
    'bell\u0007',
    'fetching keys',
    'role "x" could not be found',
    'exceeds',
    'ü',
  ])('the bound claim %j is told with both sides', async (name) => {
    const role = { bound_claims: { [name]: 'x' } };
    expect(await refusalAtVault(await signed(good({ [name]: 'y' })), 'key set', role)).toMatchObject({
      code: 'claim_mismatch',
      claim: name,
      expected: 'x',
      found: 'y',
    });
    expect(await refusalAtVault(await signed(good()), 'key set', role)).toMatchObject({
      code: 'claim_missing',
      claim: name,
      expected: 'x',
      found: null,
    });
  });

  test.each(['fetching keys', 'missing token', "it's"])('the mapped claim %j is told with what it is', async (name) => {
    const jwt = await signed(good({ [name]: { a: 1 } }));
    const atVault = await refusalAtVault(jwt, 'key set', { claim_mappings: { [name]: 'm' } });
    const atConsul = await refusalAtConsul(jwt, 'key set', { ClaimMappings: { sub: 'sub', [name]: 'm' } });
    for (const refused of [atVault, atConsul]) {
      expect(refused).toMatchObject({ code: 'claim_type_mismatch', claim: name, found: { a: 1 } });
    }
  });

  test('a role called "exceeds" is not there, and no token is too large', async () => {
    await refusalAtVault(await signed(good()), 'key set', { bound_subject: 'nobody' });
    const login = env.vault.login({ jwt: await signed(good()), role: 'exceeds', mount: `jwt-${mounts}` });
    await expect(login).rejects.toMatchObject({ code: 'role_not_found', found: 'exceeds' });
  });

  test('an issuer that says "missing jwt" is another issuer', async () => {
    const refused = await refusalAtConsul(await signed(good({ iss: 'http://x/missing jwt' })), 'discovery');
    expect(refused).toMatchObject({ code: 'issuer_mismatch', found: 'http://x/missing jwt' });
  });

  test('groups that are none are told by the claim of the role', async () => {
    const groups = { groups_claim: 'teams' };
    const [one, mixed] = await Promise.all([
      refusalAtVault(await signed(good({ teams: { a: 1 } })), 'key set', groups),
      refusalAtVault(await signed(good({ teams: ['a', 5] })), 'key set', groups),
    ]);
    expect(one).toMatchObject({ code: 'claim_type_mismatch', claim: 'teams', found: { a: 1 } });
    expect(mixed).toMatchObject({ code: 'claim_type_mismatch', claim: 'teams', found: ['a', 5] });
  });

  test('the algorithms of a key set are those that the server says', async () => {
    const jwt = `${encode({ alg: 'none' })}.${encode(good())}.`;
    for (const refused of await refusals(jwt, 'key set')) {
      expect(refused).toMatchObject({ code: 'algorithm_not_allowed', found: 'none' });
      expect(refused.expected).toContain('ES256');
    }
  });
});

describe('a token in the JSON form', () => {
  test('is read where vault refuses its subject', async () => {
    const jwt = flattened(await signed(good({ sub: 'bob' })));
    expect(await refusalAtVault(jwt, 'key set', { bound_subject: 'alice' })).toMatchObject({
      code: 'subject_mismatch',
      expected: 'alice',
      found: 'bob',
    });
  });

  test('is read where no rule of consul matches', async () => {
    const refused = await refusalAtConsul(flattened(await signed(good({ sub: 'bob' }))), 'key set');
    expect(refused).toMatchObject({ code: 'no_binding_rule_matched', rules: [{ values: { 'value.sub': 'bob' } }] });
  });

  test('with a changed payload has a signature that does not fit', async () => {
    for (const refused of await refusals(flattened(tampered(await signed(good()))), 'key set')) {
      expect(refused).toMatchObject({ code: 'signature_invalid' });
    }
  });
});

describe('names that binding rules make', () => {
  const templated = {
    BindType: 'templated-policy',
    BindName: 'builtin/service',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Consul's own syntax
    BindVars: { Name: 'app-${value.team}' },
  };
  const mapped = { ClaimMappings: { sub: 'sub', team: 'team' } };

  test('of a templated policy are those of its variables', async () => {
    const refused = await refusalAtConsul(await signed(good({ team: 'A B' })), 'key set', mapped, templated);
    expect(refused).toMatchObject({
      code: 'bind_name_invalid',
      found: 'app-a b',
      rules: [{ bindName: 'builtin/service', name: 'app-a b', values: { 'value.team': 'A B', 'value.sub': 'alice' } }],
    });
  });

  test('of a templated policy that does not match have what its selector saw', async () => {
    const rule = { ...templated, Selector: 'value.sub == "nobody"' };
    expect(await refusalAtConsul(await signed(good({ team: 'a' })), 'key set', mapped, rule)).toMatchObject({
      code: 'no_binding_rule_matched',
      rules: [{ name: 'app-a', values: { 'value.team': 'a', 'value.sub': 'alice' } }],
    });
  });

  test('that no claim makes are fixed in the rule', async () => {
    const rule = { BindType: 'policy', BindName: 'team/read' };
    const refused = await refusalAtConsul(await signed(good()), 'key set', {}, rule);
    expect(refused).toMatchObject({ code: 'bind_name_invalid', found: 'team/read' });
    expect(refused.note).toContain('fixed in the rule'.replace('’', "'"));
  });

  test('that a claim makes are told with the claim', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Consul's own syntax
    const rule = { BindType: 'service', BindName: '${value.team}' };
    const refused = await refusalAtConsul(await signed(good({ team: 'A"B' })), 'key set', mapped, rule);
    expect(refused).toMatchObject({ code: 'bind_name_invalid', found: 'a"b', note: undefined });
  });
});

describe('what is wrong with a method or a rule', () => {
  test.each<[string, object, object, string]>([
    [
      'a mapping the wrong way round',
      { ClaimMappings: { sub: 'sub', user: 'team' } },
      { Selector: 'value.team == "a"' },
      'the mapping may be the wrong way round',
    ],
    ['a claim that is not mapped', {}, { Selector: 'value.team == "a"' }, '"value.team" is not mapped'],
    [
      'a claim that is mapped as a list',
      { ListClaimMappings: { team: 'team' } },
      { Selector: 'value.team == "a"' },
      'ListClaimMappings maps it, as "list.team"',
    ],
    [
      'a selector that compares with another field',
      { ClaimMappings: { sub: 'sub', team: 'team' } },
      { Selector: 'value.sub == value.team' },
      'compares with the string "value.team"',
    ],
  ])('%s is said', async (_title, config, rule, said) => {
    const refused = await refusalAtConsul(await signed(good({ team: 'a' })), 'key set', config, rule);
    expect(refused.code).toBe('no_binding_rule_matched');
    expect(refused.rules?.flatMap(({ notes }) => notes).join()).toContain(said);
    expect(refused.message).toContain(said);
  });

  test('a mount with "auth/" before it is named without it', async () => {
    await refusalAtVault(await signed(good()), 'key set', { bound_subject: 'nobody' });
    const login = env.vault.login({ jwt: await signed(good()), role: 'app', mount: `auth/jwt-${mounts}` });
    await expect(login).rejects.toMatchObject({
      code: 'method_not_found',
      note: expect.stringContaining(`"jwt-${mounts}"`),
    });
  });

  test.each(['kubernetes', 'approle', 'userpass', ...ofProduct({ vault: ['github'], openbao: [] })])(
    'a JWT at a method of type %s says so',
    async (type) => {
      const mount = `${type}-${randomBytes(4).toString('hex')}`;
      await env.vault.request('POST', `sys/auth/${mount}`, { type });
      const login = env.vault.login({ jwt: await signed(good()), role: 'app', mount });
      await expect(login).rejects.toMatchObject({ code: 'method_type_mismatch', expected: 'jwt', found: type });
    },
  );

  test('a method for browser logins is known as that', async ({ skip }) => {
    if (ofProduct({ vault: false, openbao: true })) skip('OpenBao lets JWTs in there');
    const config = { oidc_client_id: 'app', oidc_client_secret: 'secret-of-the-app' };
    const refused = await refusalAtVault(await signed(good()), 'discovery', {}, config);
    expect(refused).toMatchObject({ code: 'method_type_mismatch' });
    expect(refused.note).toContain('"oidc_client_id"');
  });

  test('a user claim that is empty is a refusal of the login', async () => {
    expect(await refusalAtVault(await signed(good({ u: '' })), 'key set', { user_claim: 'u' })).toMatchObject({
      code: 'claim_missing',
      claim: 'u',
      found: '',
    });
  });
});

test('all claims that do not fit are told, of which vault says one', async () => {
  const role = {
    bound_subject: 'alice',
    bound_claims: { repository_id: '1', environment: ['live'], ref: 'main', n: 5 },
  };
  const refused = await refusalAtVault(
    await signed(good({ repository_id: '2', ref: 'main', n: 5.9 })),
    'key set',
    role,
  );
  expect(refused.claims).toEqual([
    { name: 'environment', expected: ['live'], found: null },
    { name: 'repository_id', expected: '1', found: '2' },
  ]);
  expect(JSON.parse(JSON.stringify(refused))).toMatchObject({ code: refused.code, claim: refused.claim });
  expect(JSON.stringify(refused).match(/"claims"/g)).toHaveLength(1);
});

describe('what of a claim fits what it is bound to is what vault says:', () => {
  const values = ['x', 'xy', '', 5, 5.9, true, ['x'], ['y', 'x'], [5], [true], {}, null, 'a/b/c', [], [['x']]];
  const bounds = ['x', '', 5, true, ['x', 'z'], [5], 'a/*', '*', '*c', 'a*b*c', 'x*y', ['*']];

  test.each(['string', 'glob'])('%s', async (type) => {
    const jwts = await Promise.all(values.map((value) => signed(good({ v: value }))));
    for (const bound of bounds) {
      mounts++;
      const mount = `jwt-${mounts}`;
      await env.vault.request('POST', `sys/auth/${mount}`, { type: 'jwt' });
      await env.vault.request('POST', `auth/${mount}/config`, { jwks_url: env.issuer.jwksUrlFor(env.vault) });
      const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['app'], bound_claims_type: type };
      const written = await env.vault
        .request('POST', `auth/${mount}/role/app`, { ...role, bound_claims: { v: bound } })
        .then(
          () => true,
          () => false,
        );
      // A role that vault does not take holds nothing.
      if (!written) continue;
      for (const [index, jwt] of jwts.entries()) {
        const refused = await env.vault.login({ jwt, role: 'app', mount }).then(
          () => undefined,
          (error: LoginRefusedError) => error,
        );
        // One that is let in has nothing to explain; one that is not has this claim, if it is about bounds.
        if (refused === undefined || refused.claims === undefined) continue;
        expect([bound, values[index], refused.claims]).toEqual([
          bound,
          values[index],
          [{ name: 'v', expected: expect.anything(), found: values[index] }],
        ]);
      }
    }
  });
});
