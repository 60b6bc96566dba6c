import type { Environment, ErrorCode, TokenClaims } from 'vaultproof';
import { generateSigningKey } from 'vaultproof/issuer';
import { hostileTokens } from 'vaultproof/issuer/hostile';
import { publicPem } from 'vaultproof/issuer/keys';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';
import { consulAcl, mountConsulJwt } from '../../support/consul-jwt.js';
import { runOn } from '../../support/engines.js';

// Discovery has the issuer's own URL, which no container reaches.
test.override({
  fileServices: {
    vault: false,
    consul: runOn('process', 'consul'),
    issuer: { algorithms: ['ES256', 'RS256'] },
  },
});

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const vishpat = { sub: 'vishpat', aud: 'damage_inc' };
const now = Math.floor(Date.now() / 1000);
const modes = ['static', 'jwks', 'oidc'] as const;
type Mode = (typeof modes)[number];
let kids: (string | undefined)[];

beforeAll(async () => {
  const { issuer, consul } = env;
  kids = issuer.keys.published().map(({ kid }) => kid);
  const sources = {
    static: { JWTValidationPubKeys: [publicPem(issuer.keys.active())] },
    jwks: { JWKSURL: issuer.jwksUrlFor(consul) },
    oidc: { OIDCDiscoveryURL: issuer.url },
  };
  const acl = consulAcl(consul);
  for (const mode of modes) {
    const config = {
      ...sources[mode],
      JWTSupportedAlgs: ['ES256'],
      BoundIssuer: issuer.url,
      ClaimMappings: { sub: 'sub', team: 'team' },
      ListClaimMappings: { groups: 'groups' },
    };
    await mountConsulJwt(acl, mode, 'vishpat', { ...config, BoundAudiences: ['damage_inc'] });
    await mountConsulJwt(acl, `${mode}-unbound`, 'vishpat', config);
  }
  acl.close();
});

async function refusal(jwt: string, method: string): Promise<unknown> {
  return env.consul.login({ jwt, method }).then(
    () => 'let in',
    (error: unknown) => error,
  );
}

const sign = (claims: Partial<TokenClaims>): Promise<string> => env.issuer.sign({ ...vishpat, ...claims });

async function hostile(name: string): Promise<string> {
  const found = hostileTokens.find((token) => token.name === name);
  if (found === undefined) throw new Error(`no hostile token "${name}"`);
  return found.make(env.issuer, vishpat);
}

describe.each(modes)('at a method with keys from %s', (mode) => {
  test('the token that it is for gets in', async () => {
    await using session = await env.consul.login({ jwt: await sign({}), method: mode });
    expect(session).toMatchObject({ authMethod: mode, policies: [`${mode}-reader`] });
  });

  test.each<readonly [string, () => string | Promise<string>, ErrorCode]>([
    ['an empty token', () => '', 'token_missing'],
    ['a word', () => 'token', 'token_malformed'],
    ['three words', () => 'x.y.z', 'token_malformed'],
    ['a megabyte of nothing', () => 'a'.repeat(1_000_000), 'token_malformed'],
    ['four parts', async () => `${await sign({})}.x`, 'token_malformed'],
  ])('%s is refused for what it is', async (_title, make, code) => {
    expect(await refusal(await make(), mode)).toMatchObject({ code, status: 500, method: mode, role: undefined });
  });

  test('another issuer is refused', async () => {
    expect(await refusal(await sign({ iss: 'https://elsewhere.example' }), mode)).toMatchObject({
      code: 'issuer_mismatch',
      expected: env.issuer.url,
      found: 'https://elsewhere.example',
    });
  });

  test('another audience is refused', async () => {
    expect(await refusal(await sign({ aud: ['elsewhere', 'nowhere'] }), mode)).toMatchObject({
      code: 'audience_mismatch',
      expected: ['damage_inc'],
      found: ['elsewhere', 'nowhere'],
    });
  });

  test('a token without an audience is refused', async () => {
    expect(await refusal(await hostile('missing-aud'), mode)).toMatchObject({ code: 'audience_mismatch', found: null });
  });

  test('an expired token is refused', async () => {
    expect(await refusal(await sign({ iat: now - 1_000, exp: now - 500 }), mode)).toMatchObject({
      code: 'token_expired',
      expected: { after: expect.any(Number) },
      found: now - 500,
    });
  });

  test('a token whose time has not come is refused', async () => {
    expect(await refusal(await sign({ nbf: now + 500, exp: now + 1_000 }), mode)).toMatchObject({
      code: 'token_not_yet_valid',
      expected: { before: expect.any(Number) },
      found: now + 500,
    });
  });

  test.each([
    ['a mapped claim that is an object', { team: { name: 'red' } }, { name: 'red' }],
    ['a mapped claim that is a list', { team: ['red'] }, ['red']],
    ['a list claim that is an object', { groups: { red: true } }, { red: true }],
    ['a list claim with an object in it', { groups: ['red', { blue: 1 }] }, ['red', { blue: 1 }]],
  ])('%s is of the wrong type', async (_title, claims, found) => {
    expect(await refusal(await sign(claims), mode)).toMatchObject({ code: 'claim_type_mismatch', found });
  });

  test('a changed payload is refused', async () => {
    expect(await refusal(await hostile('tampered-payload'), mode)).toMatchObject({
      code: 'signature_invalid',
      found: env.issuer.keys.active().kid,
    });
  });

  test('a subject that no rule binds is refused, with the rule and what it saw', async () => {
    expect(await refusal(await sign({ sub: 'mallory' }), mode)).toMatchObject({
      code: 'no_binding_rule_matched',
      status: 403,
      rules: [{ bindName: `${mode}-reader`, matched: false, values: { 'value.sub': 'mallory' } }],
    });
  });
});

test.each(['jwks', 'oidc'])('an unknown key is refused with both key ids, with keys from %s', async (mode) => {
  const key = await generateSigningKey();
  expect(await refusal(await env.issuer.sign(vishpat, { key }), mode)).toMatchObject({
    code: 'unknown_key',
    expected: kids,
    found: key.kid,
  });
});

test('an unknown key is a bad signature where the keys are static, for consul tries them all', async () => {
  const key = await generateSigningKey();
  expect(await refusal(await env.issuer.sign(vishpat, { key }), 'static')).toMatchObject({
    code: 'signature_invalid',
    found: key.kid,
  });
});

test('an algorithm outside the list is refused where the keys are discovered', async () => {
  expect(await refusal(await env.issuer.sign(vishpat, { alg: 'RS256' }), 'oidc')).toMatchObject({
    code: 'algorithm_not_allowed',
    expected: ['ES256'],
    found: 'RS256',
  });
});

test('an algorithm outside the list is let in with a key set: the list counts in discovery alone', async () => {
  expect(await refusal(await env.issuer.sign(vishpat, { alg: 'RS256' }), 'jwks')).toBe('let in');
});

test('the algorithm "none" is refused with a key set, with those that consul takes', async () => {
  expect(await refusal(await hostile('alg-none'), 'jwks')).toMatchObject({
    code: 'algorithm_not_allowed',
    expected: expect.arrayContaining(['RS256', 'ES256', 'EdDSA']),
    found: 'none',
  });
});

test.each<[Mode, ErrorCode | 'let in']>([
  ['static', 'audience_unbound'],
  ['jwks', 'audience_unbound'],
  ['oidc', 'let in'],
])('an audience that the method is not bound to, with keys from %s: %s', async (mode, outcome) => {
  const answer = await refusal(await sign({}), `${mode}-unbound`);
  if (outcome === 'let in') return expect(answer).toBe(outcome);
  return expect(answer).toMatchObject({ code: outcome, expected: [], found: 'damage_inc' });
});

test.each<[Mode, ErrorCode | 'let in']>([
  ['static', 'token_issued_in_future'],
  ['jwks', 'token_issued_in_future'],
  ['oidc', 'let in'],
])('a token of the future, with keys from %s: %s', async (mode, outcome) => {
  const answer = await refusal(await sign({ iat: now + 500, nbf: now - 10, exp: now + 1_000 }), mode);
  if (outcome === 'let in') return expect(answer).toBe(outcome);
  return expect(answer).toMatchObject({ code: outcome, found: now + 500 });
});

test.each<[Mode, ErrorCode]>([
  ['static', 'claim_missing'],
  ['jwks', 'claim_missing'],
  ['oidc', 'claim_missing'],
])('a token without any time, with keys from %s: %s', async (mode, code) => {
  expect(await refusal(await hostile('missing-times'), mode)).toMatchObject({ code });
});

test('a method that is not there is named, with those that are', async () => {
  expect(await refusal(await sign({}), 'nowhere')).toMatchObject({
    code: 'method_not_found',
    expected: expect.arrayContaining(['static', 'jwks', 'oidc']),
    found: 'nowhere',
    status: 403,
  });
});

test.each(['', undefined])('a method that is %j is wrong use', async (method) => {
  await expect(env.consul.login({ jwt: await sign({}), method: method as string })).rejects.toThrow(TypeError);
});
