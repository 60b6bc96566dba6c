import { UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { explainVaultRefusal } from '../../../harness/login/vault-explain.js';

// What a real Vault says is tested in test/integration/refusals; here is what none can be brought to say there.
const jwt = new UnsecuredJWT({ sub: 'vishpat', iat: 100 }).encode();
const login = { jwt, mount: 'jwt', role: 'reader', status: 400 };

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
    expect(explainVaultRefusal(denied, {})).toMatchObject({ code: 'login_refused' });
    expect(explainVaultRefusal(denied, { methods: { jwt: 'jwt' }, role: { token_bound_cidrs: [] } })).toMatchObject({
      code: 'login_refused',
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
