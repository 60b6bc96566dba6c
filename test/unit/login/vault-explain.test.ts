import { UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { readToken } from '../../../harness/login/token-claims.js';
import { explainVaultRefusal } from '../../../harness/login/vault-explain.js';

// What a real Vault says is tested in test/integration/refusals; here is what none can be brought to say there.
const jwt = new UnsecuredJWT({ sub: 'vishpat', iat: 100 }).encode();
const login = { token: readToken(jwt), mount: 'jwt', role: 'reader', status: 400 };

test.each([
  ['no handler for route "auth/jwt/login". route entry not found.', 'method_not_found'],
  ['error configuring token validator: unable to reach https://issuer.example', 'key_set_unavailable'],
  [
    'error validating token: error verifying token signature: fetching keys oidc: get keys failed Get "http://127.0.0.1:2/": connection refused',
    'key_set_unavailable',
  ],
  ['http: request body too large', 'token_too_large'],
  ['something that nobody has seen yet', 'login_refused'],
  ['', 'login_refused'],
])('the words %j mean %s', (serverMessage, code) => {
  expect(explainVaultRefusal({ ...login, serverMessage }, {})).toMatchObject({
    code,
    serverMessage,
    status: 400,
    role: 'reader',
  });
});

describe('a method that is not there', () => {
  const serverMessage = 'no handler for route "auth/jwt/login". route entry not found.';

  test('was looked for in the namespace of the login', () => {
    const refusal = explainVaultRefusal({ ...login, namespace: 'team', serverMessage }, {});
    expect(refusal.note).toBe('it was looked for in the namespace "team"');
  });

  test('was looked for nowhere else where the login has no namespace', () => {
    expect(explainVaultRefusal({ ...login, namespace: '', serverMessage }, {}).note).toBeUndefined();
  });

  test.each([
    ['auth/jwt', 'name the mount without "auth/": "jwt"'],
    ['team/auth/jwt', undefined],
    ['auth/other', undefined],
  ])('is "%s" among the others', (mount, note) => {
    const denied = { ...login, mount, status: 403, serverMessage: 'permission denied' };
    const methods = { jwt: 'jwt', 'team/jwt': 'jwt', token: 'token' };
    expect(explainVaultRefusal(denied, { methods })).toMatchObject({
      code: 'method_not_found',
      expected: ['jwt', 'team/jwt'],
      found: mount,
      note,
    });
  });
});

test('groups are looked for by a JSON pointer, the user by name alone', () => {
  const token = new UnsecuredJWT({ realm: { groups: 7 }, '/realm/groups': 'by name' }).encode();
  const groups = {
    ...login,
    token: readToken(token),
    serverMessage: '"/realm/groups" claim could not be converted to string list',
  };
  expect(explainVaultRefusal(groups, { role: { groups_claim: '/realm/groups', user_claim: 'sub' } })).toMatchObject({
    code: 'claim_type_mismatch',
    claim: '/realm/groups',
    found: 7,
  });
  const user = {
    ...login,
    token: readToken(token),
    serverMessage: 'claim "/realm/groups" could not be converted to string',
  };
  expect(explainVaultRefusal(user, { role: { user_claim: '/realm/groups' } })).toMatchObject({ found: 'by name' });
});

test('words that name no claim are about none, whatever the role binds', () => {
  const token = new UnsecuredJWT({ sub: 'vishpat', realm: {} }).encode();
  const known = { role: { bound_claims: { realm: ['x'] }, user_claim: 'sub' } };
  const missing = { ...login, token: readToken(token), serverMessage: 'missing token' };
  expect(explainVaultRefusal(missing, known)).toMatchObject({ code: 'token_missing', claim: undefined });
  const mistyped = {
    ...login,
    token: readToken(token),
    serverMessage: 'error validating claims: received claim is not a string',
  };
  expect(explainVaultRefusal(mistyped, known)).toMatchObject({ code: 'claim_type_mismatch', claim: 'realm' });
});

describe('without a look at the configuration', () => {
  test('a refused signature is not laid to the key', () => {
    const serverMessage =
      'error validating token: error verifying token signature: failed to verify id token signature';
    expect(explainVaultRefusal({ ...login, serverMessage }, {})).toMatchObject({
      code: 'signature_invalid',
      expected: undefined,
      found: null,
    });
  });

  test('a refused subject has one side', () => {
    const serverMessage = 'error validating token: invalid subject (sub) claim';
    expect(explainVaultRefusal({ ...login, serverMessage }, {})).toMatchObject({
      code: 'subject_mismatch',
      claim: 'sub',
      expected: undefined,
      found: 'vishpat',
      message: `login refused: subject_mismatch (found "vishpat"); the server said: ${serverMessage}`,
    });
  });

  test('a permission that was denied is no more than that', () => {
    const denied = { ...login, status: 403, serverMessage: 'permission denied' };
    expect(explainVaultRefusal(denied, { methods: { jwt: 'jwt' }, role: { token_bound_cidrs: [] } })).toMatchObject({
      code: 'login_refused',
      note: undefined,
    });
  });

  test('without a token it may be that no auth method is mounted there', () => {
    const denied = { ...login, mount: 'gitlb', status: 403, serverMessage: 'permission denied' };
    expect(explainVaultRefusal(denied, {})).toMatchObject({
      code: 'login_refused',
      note: expect.stringContaining('no auth method is mounted at "gitlb"'),
    });
  });
});

test('a time that the token lacks is the one that vault derived it from', () => {
  const serverMessage = 'error validating token: invalid expiration time (exp) claim: token is expired';
  expect(explainVaultRefusal({ ...login, serverMessage }, {})).toMatchObject({
    code: 'token_expired',
    claim: 'iat',
    found: 100,
  });
});

test('a claim that is ambiguous is named beside the registered claim that it collides with', () => {
  const serverMessage =
    'error validating token: ambiguous claim: key "SUB" collides with registered claim "sub" under case folding';
  expect(explainVaultRefusal({ ...login, serverMessage }, { role: { bound_subject: 'vishpat' } })).toMatchObject({
    code: 'token_malformed',
    expected: 'sub',
    found: 'SUB',
  });
});

test('a claim that both sides lack is null where the token was looked at', () => {
  const serverMessage = 'error validating token: invalid issuer (iss) claim';
  expect(explainVaultRefusal({ ...login, serverMessage }, { config: { bound_issuer: 'a' } })).toMatchObject({
    code: 'issuer_mismatch',
    expected: 'a',
    found: null,
    message: `login refused: issuer_mismatch (expected "a", found null); the server said: ${serverMessage}`,
  });
});
