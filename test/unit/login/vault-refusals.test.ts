import { generateKeyPairSync } from 'node:crypto';
import { UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { LoginRefusedError } from '../../../harness/login/login-refused-error.js';
import { readToken } from '../../../harness/login/token-claims.js';
import {
  explainVaultRefusal,
  isVaultRefusal,
  refusalByOtherMethod,
  type VaultLoginConfig,
} from '../../../harness/login/vault-explain.js';

type Claims = Record<string, unknown>;

/** As long as RS256 makes it with 2,048 bits. */
const signature = Buffer.alloc(256).toString('base64url');

/** A token with any header, which nothing here verifies. */
function token(claims: Claims, header: object = { alg: 'ES256', kid: 'k' }): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${signature}`;
}

const login = { jwt: token({ sub: 'vishpat', iat: 100 }), mount: 'jwt', role: 'reader', status: 400 };

/** What is said of a refusal, besides what Vault said. */
function explain(serverMessage: string, known: VaultLoginConfig = {}, change: Partial<typeof login> = {}): unknown {
  const { jwt, ...refused } = { ...login, ...change };
  const error = explainVaultRefusal({ ...refused, token: readToken(jwt), serverMessage }, known);
  const { serverMessage: said, status, role, ...rest } = error.details;
  expect({ said, status, role }).toEqual({ said: serverMessage, status: refused.status, role: refused.role });
  const stated = Object.entries(rest).filter(([, value]) => value !== undefined);
  return { code: error.code, ...Object.fromEntries(stated) };
}

const validating = 'error validating token: ';
const verifying = `${validating}error verifying token signature: `;

describe('an answer is a refusal', () => {
  test.each([400, 403])('with the status %d', (status) => {
    expect(isVaultRefusal(status, 'anything')).toBe(true);
  });

  test('with any status, where its words are known', () => {
    expect(isVaultRefusal(500, 'http: request body too large')).toBe(true);
    expect(isVaultRefusal(404, 'no handler for route "auth/jwt/login". route entry not found.')).toBe(true);
  });

  test.each([200, 404, 429, 500, 503])('with no other words at the status %d', (status) => {
    expect(isVaultRefusal(status, 'internal error')).toBe(false);
  });
});

describe('a method of another type', () => {
  const refused = { ...login, token: undefined, serverMessage: 'invalid role or secret ID' };

  test('is the refusal, with its type', () => {
    const error = refusalByOtherMethod(refused, { methods: { jwt: 'approle' } });
    expect(error).toMatchObject({
      code: 'method_type_mismatch',
      expected: 'jwt',
      found: 'approle',
      serverMessage: 'invalid role or secret ID',
      status: 400,
      role: 'reader',
    });
    expect(explain('missing role', { methods: { jwt: 'kubernetes' } })).toEqual({
      code: 'method_type_mismatch',
      expected: 'jwt',
      found: 'kubernetes',
    });
  });

  test.each<VaultLoginConfig>([
    {},
    { methods: {} },
    { methods: { other: 'approle' } },
    { methods: { jwt: 'jwt' } },
    { methods: { jwt: 'oidc' } },
  ])('is none of %j', (known) => {
    expect(refusalByOtherMethod(refused, known)).toBeUndefined();
  });

  test('is not what every object inherits', () => {
    expect(refusalByOtherMethod({ ...refused, mount: 'constructor' }, { methods: {} })).toBeUndefined();
  });
});

describe('a denied login', () => {
  const denied = { status: 403 };
  const methods = { jwt: 'jwt', ci: 'oidc', people: 'userpass' };

  test('at a path without a method names those for JWTs', () => {
    expect(explain('permission denied', { methods }, { ...denied, mount: 'nowhere' })).toEqual({
      code: 'method_not_found',
      expected: ['jwt', 'ci'],
      found: 'nowhere',
    });
  });

  test('at a path with "auth/" before it says to leave that out', () => {
    expect(explain('permission denied', { methods }, { ...denied, mount: 'auth/ci' })).toEqual({
      code: 'method_not_found',
      expected: ['jwt', 'ci'],
      found: 'auth/ci',
      note: 'name the mount without "auth/": "ci"',
    });
  });

  test.each(['auth/nowhere', 'auth/people', 'my/auth/ci'])('at "%s" has nothing to leave out', (mount) => {
    expect(explain('permission denied', { methods }, { ...denied, mount })).toEqual({
      code: 'method_not_found',
      expected: ['jwt', 'ci'],
      found: mount,
    });
  });

  test('with another status is about its words', () => {
    expect(explain('missing token', { methods }, { mount: 'nowhere' })).toEqual({ code: 'token_missing' });
  });

  test('is about its address where the role names addresses', () => {
    const role = { token_bound_cidrs: ['10.0.0.0/8'] };
    expect(explain('permission denied', { methods, role }, denied)).toEqual({
      code: 'address_not_allowed',
      expected: ['10.0.0.0/8'],
    });
    for (const token_bound_cidrs of [[], undefined, '10.0.0.0/8']) {
      expect(explain('permission denied', { role: { token_bound_cidrs } }, denied)).toEqual({ code: 'login_refused' });
    }
    expect(explain('permission denied', {}, denied)).toMatchObject({ code: 'login_refused' });
  });
});

describe('the words of Vault', () => {
  test.each<[string, VaultLoginConfig, object]>([
    ['role "reader" could not be found', {}, { code: 'role_not_found', found: 'reader' }],
    [
      'role with oidc role_type is not allowed',
      { role: { role_type: 'oidc' } },
      { code: 'role_type_mismatch', expected: 'jwt', found: 'oidc' },
    ],
    ['role with oidc role_type is not allowed', {}, { code: 'role_type_mismatch', expected: 'jwt' }],
    [
      'error configuring token validator: unsupported config type',
      {},
      {
        code: 'method_type_mismatch',
        expected: 'a method for JWTs',
        found: 'a method for browser logins',
        note: 'its configuration has "oidc_client_id": remove it, or mount a second method for JWTs',
      },
    ],
    ['words that are new', {}, { code: 'login_refused' }],
  ])('"%s" with %j', (words, known, explanation) => {
    expect(explain(words, known)).toEqual(explanation);
  });
});

describe('a refused algorithm', () => {
  const words = `${verifying}oidc: malformed jwt: unexpected signature algorithm "ES256"; expected ["RS256" "PS256"]`;
  const unnamed = `${validating}invalid algorithm (alg) header parameter: x`;

  test('has the algorithms of the configuration', () => {
    expect(explain(words, { config: { jwt_supported_algs: ['ES384'] } })).toEqual({
      code: 'algorithm_not_allowed',
      expected: ['ES384'],
      found: 'ES256',
    });
  });

  test.each<VaultLoginConfig>([{}, { config: {} }, { config: { jwt_supported_algs: [] } }])(
    'has those of the words with %j',
    (known) => {
      const refused = { code: 'algorithm_not_allowed', expected: ['RS256', 'PS256'], found: 'ES256' };
      expect(explain(words, known)).toEqual(refused);
    },
  );

  test('has those of the words for a configuration that is not a list', () => {
    const known = { config: { jwt_supported_algs: 'ES384' } };
    expect(explain(words, known)).toMatchObject({ expected: ['RS256', 'PS256'] });
  });

  test('of Vault 1.19 is the same', () => {
    const older = words.replace('malformed jwt: ', 'malformed jwt: go-jose/go-jose: ');
    expect(explain(older)).toEqual(explain(words));
  });

  test('has one side where nothing names any', () => {
    expect(explain(unnamed)).toEqual({ code: 'algorithm_not_allowed', found: 'ES256' });
  });

  test('of a token without one is null', () => {
    expect(explain(unnamed, {}, { jwt: token({}, {}) })).toEqual({ code: 'algorithm_not_allowed', found: null });
  });

  test('of what is not a token is about its form', () => {
    expect(explain(unnamed, {}, { jwt: 'a.b' })).toEqual({ code: 'token_malformed' });
  });
});

describe('a refused signature', () => {
  const words = `${verifying}no known key successfully validated the token signature`;
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ type: 'spki', format: 'pem' });

  test('is that of an unknown key where the key set lacks it', () => {
    expect(explain(words, { kids: ['a', 'b'] })).toEqual({ code: 'unknown_key', expected: ['a', 'b'], found: 'k' });
    expect(explain(words, { kids: ['a', 'k'] })).toEqual({ code: 'signature_invalid', found: 'k' });
    expect(explain(words)).toEqual({ code: 'signature_invalid', found: 'k' });
  });

  test('that is too short for its algorithm says that the token may be cut off', () => {
    const whole = token({ sub: 'vishpat' });
    const cut = `${whole.slice(0, whole.lastIndexOf('.') + 1)}${Buffer.alloc(40).toString('base64url')}`;
    expect(explain(words, { kids: ['k'] }, { jwt: cut })).toEqual({
      code: 'signature_invalid',
      found: 'k',
      note: 'the signature has 40 bytes, and ES256 makes 64: is the token cut off?',
    });
  });

  test('and an unknown key say that what they found is a kid', () => {
    const refusal = { serverMessage: words, status: 400, role: 'reader', found: 'k' };
    expect(new LoginRefusedError({ code: 'signature_invalid', ...refusal }).message).toMatch(
      /^login refused: signature_invalid \(found kid "k"\)/,
    );
    expect(new LoginRefusedError({ code: 'unknown_key', ...refusal, expected: ['a'] }).message).toMatch(
      /^login refused: unknown_key \(expected kid \["a"\], found kid "k"\)/,
    );
  });

  test('with static keys is about the algorithm that none of them verifies', () => {
    const config = { jwt_validation_pubkeys: [pem] };
    expect(explain(words, { config })).toEqual({
      code: 'algorithm_not_allowed',
      expected: ['ES384'],
      found: 'ES256',
    });
    const named = { ...config, jwt_supported_algs: ['RS256'] };
    expect(explain(words, { config: named })).toMatchObject({ expected: [] });
    const jwt = token({ sub: 'vishpat' }, { alg: 'ES384', kid: 'k' });
    expect(explain(words, { config, kids: [] }, { jwt })).toEqual({ code: 'signature_invalid', found: 'k' });
  });

  test.each([{ jwt_validation_pubkeys: [] }, { jwt_validation_pubkeys: 'x' }, {}])(
    'with %j has no static keys',
    (config) => {
      expect(explain(words, { config, kids: ['a'] })).toEqual({ code: 'unknown_key', expected: ['a'], found: 'k' });
    },
  );

  test('of what is not a token is about its form', () => {
    expect(explain(words, {}, { jwt: 'a' })).toEqual({ code: 'token_malformed' });
  });
});

describe('a malformed token', () => {
  const unmarshal = 'json: cannot unmarshal';

  test('has both names of an ambiguous claim, as Go quotes them', () => {
    const words = `${validating}ambiguous claim: key "S\\u0055B" collides with registered claim "sub" under case folding`;
    expect(explain(words)).toEqual({ code: 'token_malformed', expected: 'sub', found: 'SUB' });
  });

  test('has the claim whose type is another', () => {
    const jwt = token({ sub: 5 });
    expect(
      explain(`${validating}${unmarshal} number into Go struct field Claims.sub of type string`, {}, { jwt }),
    ).toEqual({
      code: 'claim_type_mismatch',
      claim: 'sub',
      expected: 'a string',
      found: 5,
    });
  });

  test('is about no claim where its signature was not verified', () => {
    const jwt = token({ sub: 5 });
    expect(explain(`${verifying}go-jose/go-jose: compact JWS format must have three parts`, {}, { jwt })).toEqual({
      code: 'token_malformed',
    });
  });

  test('is no more than that where every claim has its type, or the claim is absent', () => {
    const words = `${validating}${unmarshal} string into Go value`;
    expect(explain(words)).toEqual({ code: 'token_malformed' });
    expect(explain(words, {}, { jwt: 'a' })).toEqual({ code: 'token_malformed' });
  });
});

describe('a refused time', () => {
  const expired = `${validating}invalid expiration time (exp) claim: token is expired`;
  const early = `${validating}invalid not before (nbf) claim: token not yet valid`;
  const now = 1000;

  test.each<[string, Claims, object, object]>([
    [expired, { exp: 100 }, {}, { claim: 'exp', expected: { after: 940 }, found: 100 }],
    [expired, { exp: 100 }, { clock_skew_leeway: 10 }, { claim: 'exp', expected: { after: 990 }, found: 100 }],
    [expired, { iat: 100 }, {}, { claim: 'iat', expected: { after: 790 }, found: 100 }],
    [expired, { iat: 100 }, { expiration_leeway: 20 }, { claim: 'iat', expected: { after: 920 }, found: 100 }],
    [early, { exp: 2000 }, {}, { claim: 'exp', expected: { before: 1210 }, found: 2000 }],
    [early, { exp: 2000 }, { not_before_leeway: 20 }, { claim: 'exp', expected: { before: 1080 }, found: 2000 }],
  ])('"%s" of %j by the role %j has both sides', (words, claims, role, sides) => {
    const code = words === expired ? 'token_expired' : 'token_not_yet_valid';
    expect(explain(words, { role: { ...role }, now }, { jwt: token(claims) })).toEqual({ code, ...sides });
  });

  test('has one side where the role is not known', () => {
    const jwt = token({ exp: 100 });
    expect(explain(expired, { now }, { jwt })).toEqual({ code: 'token_expired', claim: 'exp', found: 100 });
  });

  test('has none where the token cannot be read', () => {
    expect(explain(expired, { role: {}, now }, { jwt: 'a' })).toEqual({ code: 'token_expired' });
  });
});

describe('a refused registered claim', () => {
  const subject = `${validating}invalid subject (sub) claim`;

  test('has both sides, of the role or of the configuration', () => {
    expect(explain(subject, { role: { bound_subject: 'alice' } })).toEqual({
      code: 'subject_mismatch',
      claim: 'sub',
      expected: 'alice',
      found: 'vishpat',
      claims: [{ name: 'sub', expected: 'alice', found: 'vishpat' }],
    });
    expect(explain(`${validating}invalid issuer (iss) claim`, { config: { bound_issuer: 'i' } })).toEqual({
      code: 'issuer_mismatch',
      claim: 'iss',
      expected: 'i',
      found: null,
    });
  });

  test('without a role or a configuration has one side', () => {
    expect(explain(subject)).toEqual({ code: 'subject_mismatch', claim: 'sub', found: 'vishpat' });
    const issuer = `${validating}invalid issuer (iss) claim`;
    expect(explain(issuer)).toEqual({ code: 'issuer_mismatch', claim: 'iss', found: null });
  });

  test('of what is not a token has the claim alone', () => {
    expect(explain(subject, { role: { bound_subject: 'alice' } }, { jwt: 'a' })).toEqual({
      code: 'subject_mismatch',
      claim: 'sub',
      expected: 'alice',
    });
  });

  test('under another name has that name, and a note', () => {
    expect(explain(subject, {}, { jwt: token({ SUB: 'x' }) })).toEqual({
      code: 'subject_mismatch',
      claim: 'SUB',
      found: 'x',
      note: 'the server reads "SUB" as "sub"',
    });
  });

  test('that must be there is compared with nothing', () => {
    const words = `${validating}no issued at (iat), not before (nbf), or expiration time (exp) claims in token`;
    expect(explain(words, {}, { jwt: token({}) })).toEqual({ code: 'claim_missing', claim: 'exp', found: null });
  });
});

describe('a refused claim of the role', () => {
  const missing = (claim: string): string => `error validating claims: claim ${JSON.stringify(claim)} is missing`;
  const mismatch = (claim: string): string =>
    `error validating claims: claim ${JSON.stringify(claim)} does not match any associated bound claim values`;

  test('that is bound has both sides', () => {
    const jwt = token({ team: 'red' });
    expect(explain(mismatch('team'), { role: { bound_claims: { team: ['blue'] } } }, { jwt })).toEqual({
      code: 'claim_mismatch',
      claim: 'team',
      expected: ['blue'],
      found: 'red',
      claims: [{ name: 'team', expected: ['blue'], found: 'red' }],
    });
    expect(explain(missing('team'), { role: { bound_claims: { team: 'blue' } } })).toEqual({
      code: 'claim_missing',
      claim: 'team',
      expected: 'blue',
      found: null,
      claims: [{ name: 'team', expected: 'blue', found: null }],
    });
  });

  test.each<VaultLoginConfig>([{}, { role: {} }, { role: { bound_claims: 'team' } }])(
    'has one side with %j',
    (known) => {
      const refused = { code: 'claim_mismatch', claim: 'team', found: 'red' };
      expect(explain(mismatch('team'), known, { jwt: token({ team: 'red' }) })).toMatchObject(refused);
      expect(explain(mismatch('team'), known, { jwt: token({ team: 'red' }) })).not.toHaveProperty('expected');
    },
  );

  test('that every object inherits is bound to nothing', () => {
    expect(explain(missing('constructor'), { role: { bound_claims: {} } })).toEqual({
      code: 'claim_missing',
      claim: 'constructor',
      found: null,
      claims: [],
    });
  });

  test('of what is not a token has no other side', () => {
    expect(explain(mismatch('team'), { role: { bound_claims: { team: 'blue' } } }, { jwt: 'a' })).toEqual({
      code: 'claim_mismatch',
      claim: 'team',
      expected: 'blue',
    });
  });

  test('that is a path is read as one', () => {
    const jwt = token({ org: { team: 'red' } });
    expect(explain(mismatch('/org/team'), { role: { bound_claims: { '/org/team': 'blue' } } }, { jwt })).toMatchObject({
      expected: 'blue',
      found: 'red',
    });
  });

  test('that cannot be converted is named in single quotes', () => {
    const jwt = token({ "it's": { a: 1 } });
    expect(explain("error converting claim 'it's' to string", {}, { jwt })).toEqual({
      code: 'claim_type_mismatch',
      claim: "it's",
      found: { a: 1 },
    });
  });

  test('that names groups is the one of the role', () => {
    const words = 'value 5 in groups claim could not be parsed as string';
    const jwt = token({ teams: [5] });
    expect(explain(words, { role: { groups_claim: 'teams' } }, { jwt })).toEqual({
      code: 'claim_type_mismatch',
      claim: 'teams',
      found: [5],
    });
    // A bound claim that is an object is not taken for it.
    const bound = { bound_claims: { org: 'x' } };
    expect(explain(words, { role: bound }, { jwt: token({ org: {} }) })).toEqual({ code: 'claim_type_mismatch' });
    expect(explain(words)).toEqual({ code: 'claim_type_mismatch' });
  });

  test('whose type is another is the bound one that is an object', () => {
    const words = 'error validating claims: received claim is not a string or list of strings';
    const role = { bound_claims: { team: 'blue', org: 'x', '/a/b': 'y' } };
    const jwt = token({ team: 'blue', org: { name: 'x' } });
    expect(explain(words, { role }, { jwt })).toEqual({
      code: 'claim_type_mismatch',
      claim: 'org',
      expected: 'x',
      found: { name: 'x' },
    });
    const nested = token({ team: 'blue', a: { b: {} } });
    expect(explain(words, { role }, { jwt: nested })).toMatchObject({ claim: '/a/b', expected: 'y', found: {} });
    expect(explain(words, { role }, { jwt: token({ team: 'blue' }) })).toEqual({ code: 'claim_type_mismatch' });
    expect(explain(words, { role }, { jwt: 'a' })).toEqual({ code: 'claim_type_mismatch' });
    expect(explain(words, {}, { jwt })).toEqual({ code: 'claim_type_mismatch' });
    expect(explain(words, { role: { bound_claims: 'org' } }, { jwt })).toEqual({ code: 'claim_type_mismatch' });
  });
});

describe('a refused user claim', () => {
  const notFound = (claim: string): string => `claim ${JSON.stringify(claim)} not found in token`;

  test('that is empty has a note', () => {
    const role = { user_claim: 'sub' };
    expect(explain('missing name in alias', { role }, { jwt: token({ sub: '' }) })).toEqual({
      code: 'claim_missing',
      claim: 'sub',
      found: '',
      note: 'the user claim must not be empty',
      claims: [],
    });
    expect(explain('missing name in alias', {})).toEqual({ code: 'claim_missing' });
  });

  test('with an empty claim of another code has none', () => {
    const words = 'error validating claims: claim "team" does not match any associated bound claim values';
    const role = { bound_claims: { team: 'blue' } };
    expect(explain(words, { role }, { jwt: token({ team: '' }) })).not.toHaveProperty('note');
  });

  const note = 'no claim has the name "/org/user": set "user_claim_json_pointer" to use it as a JSON pointer';
  const jwt = token({ org: { user: 'x' } });

  test('that is a path is a name, unless the role says otherwise', () => {
    expect(explain(notFound('/org/user'), { role: { user_claim: '/org/user' } }, { jwt })).toEqual({
      code: 'claim_missing',
      claim: '/org/user',
      found: null,
      note,
      claims: [],
    });
    const role = { user_claim: '/org/user', user_claim_json_pointer: true };
    expect(explain(notFound('/org/user'), { role }, { jwt })).toMatchObject({ found: 'x' });
    expect(explain(notFound('/org/user'), { role }, { jwt })).not.toHaveProperty('note');
  });

  test('that is a path and is bound, too, is read as a path', () => {
    const role = { user_claim: '/org/user', bound_claims: { '/org/user': 'y' } };
    expect(explain(notFound('/org/user'), { role }, { jwt })).toMatchObject({ expected: 'y', found: 'x' });
  });

  test('that is a plain name, or not read, has no note', () => {
    expect(explain(notFound('user'), { role: { user_claim: 'user' } })).toEqual({
      code: 'claim_missing',
      claim: 'user',
      found: null,
      claims: [],
    });
    expect(explain(notFound('/org/user'), { role: { user_claim: '/org/user' } }, { jwt: 'a' })).toEqual({
      code: 'claim_missing',
      claim: '/org/user',
    });
    const named = token({ '/org/user': 'x' });
    expect(explain(notFound('/org/user'), { role: { user_claim: '/org/user' } }, { jwt: named })).not.toHaveProperty(
      'note',
    );
  });
});

describe('all claims that do not fit', () => {
  const role = { bound_subject: 'alice', bound_audiences: ['app'], bound_claims: { team: 'blue' } };
  const jwt = token({ iss: 'x', sub: 'vishpat', aud: 'other', team: 'red' });
  const claims = [
    { name: 'iss', expected: 'i', found: 'x' },
    { name: 'sub', expected: 'alice', found: 'vishpat' },
    { name: 'aud', expected: ['app'], found: 'other' },
    { name: 'team', expected: 'blue', found: 'red' },
  ];

  test.each([
    `${validating}invalid issuer (iss) claim`,
    `${validating}invalid subject (sub) claim`,
    `${validating}invalid audience (aud) claim: x`,
    'error validating claims: claim "team" is missing',
    'error validating claims: claim "team" does not match any associated bound claim values',
  ])('are told beside "%s"', (words) => {
    expect(explain(words, { role, config: { bound_issuer: 'i' } }, { jwt })).toMatchObject({ claims });
    expect(explain(words, { role }, { jwt })).toMatchObject({ claims: claims.slice(1) });
    expect(explain(words, { config: { bound_issuer: 'i' } }, { jwt })).not.toHaveProperty('claims');
    expect(explain(words, { role }, { jwt: 'a' })).not.toHaveProperty('claims');
  });

  test.each(['missing token', 'something new', `${validating}invalid expiration time (exp) claim: token is expired`])(
    'are not told beside "%s"',
    (words) => {
      expect(explain(words, { role, config: { bound_issuer: 'i' } }, { jwt })).not.toHaveProperty('claims');
    },
  );
});

test('an unsigned token is read like any other', () => {
  const jwt = new UnsecuredJWT({ sub: 'vishpat' }).encode();
  expect(explain(`${validating}invalid subject (sub) claim`, {}, { jwt })).toMatchObject({ found: 'vishpat' });
});
