import { UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { explainConsulRefusal, isConsulRefusal } from '../../../harness/login/consul-explain.js';

// What a real Consul says is tested in test/integration/consul-login; here is what none can be brought to say there.
const jwt = new UnsecuredJWT({ sub: 'vishpat', iat: 100 }).encode();
const login = { jwt, method: 'jwt', status: 500 };

test.each([
  ['rpc error making call: missing jwt', 'token_missing'],
  ["error converting claim 'team' to string from unknown type []interface {}", 'claim_type_mismatch'],
  ['error creating provider: Get "https://issuer.example": connection refused', 'key_set_unavailable'],
  ['templated policy failed validation: name is required', 'bind_name_invalid'],
])('the words %j mean %s', (serverMessage, code) => {
  expect(isConsulRefusal(500, serverMessage)).toBe(true);
  expect(explainConsulRefusal({ ...login, serverMessage }, {})).toMatchObject({ code, serverMessage, status: 500 });
});

test.each(['something that nobody has seen yet', 'No cluster leader', 'ACL support disabled', ''])(
  'the words %j are no verdict on the token',
  (serverMessage) => {
    expect(isConsulRefusal(500, serverMessage)).toBe(false);
  },
);

test('a 403 with words that are not known is a refusal without a reason', () => {
  expect(isConsulRefusal(403, 'go away')).toBe(true);
  expect(explainConsulRefusal({ ...login, status: 403, serverMessage: 'go away' }, {})).toMatchObject({
    code: 'login_refused',
  });
});

describe('without a look at the configuration', () => {
  test('a refused signature is not laid to the key', () => {
    const serverMessage = 'error verifying token: failed to verify id token signature';
    expect(explainConsulRefusal({ ...login, serverMessage }, {})).toMatchObject({
      code: 'signature_invalid',
      expected: undefined,
      found: null,
    });
  });

  test('a permission that was denied has no rules', () => {
    const denied = { ...login, status: 403, serverMessage: 'Permission denied' };
    expect(explainConsulRefusal(denied, {})).toMatchObject({ code: 'no_binding_rule_matched', rules: undefined });
    expect(explainConsulRefusal(denied, { rules: [] })).toMatchObject({ rules: undefined });
  });
});

const words = {
  expired: 'error validating claims: go-jose/go-jose/jwt: validation failed, token is expired (exp)',
  early: 'error validating claims: go-jose/go-jose/jwt: validation failed, token not valid yet (nbf)',
  discoveredExpired: 'error validating signature: oidc: token is expired (Token Expiry: 1970-01-01 00:01:40 +0000 UTC)',
  discoveredEarly:
    'error validating signature: oidc: current time 2026-01-01 before the nbf (not before) time: 2026-01-02',
};

describe('the times that a login is held against', () => {
  const seconds = 1_000_000_000;
  const all = { ClockSkewLeeway: 5 * seconds, ExpirationLeeway: 20 * seconds, NotBeforeLeeway: 40 * seconds };
  const none = { ClockSkewLeeway: -1, ExpirationLeeway: -1, NotBeforeLeeway: -1 };

  test.each([
    ['exp, with the default of a minute', words.expired, { iat: 50, exp: 100 }, {}, 'after', -60, 100],
    ['exp, with 0 for the default', words.expired, { exp: 100 }, { ClockSkewLeeway: 0 }, 'after', -60, 100],
    ['exp, with a leeway', words.expired, { exp: 100 }, all, 'after', -5, 100],
    ['exp, with none', words.expired, { exp: 100 }, none, 'after', 0, 100],
    ['iat for an exp that is not there', words.expired, { iat: 100 }, all, 'after', -25, 100],
    ['the later of iat and nbf', words.expired, { iat: 100, nbf: 110 }, {}, 'after', -210, 110],
    ['iat for an exp of 0', words.expired, { iat: 100, exp: 0 }, none, 'after', 0, 100],
    ['nbf', words.early, { nbf: 9e9, iat: 100, exp: 9.1e9 }, all, 'before', 5, 9e9],
    ['iat for an nbf that is not there', words.early, { iat: 9e9 }, {}, 'before', 60, 9e9],
    ['exp for both', words.early, { exp: 9e9 }, all, 'before', 45, 9e9],
    ['exp in discovery', words.discoveredExpired, { exp: 100 }, all, 'after', 0, 100],
    ['nbf in discovery', words.discoveredEarly, { nbf: 9e9 }, none, 'before', 300, 9e9],
  ] as const)('%s', (_title, serverMessage, claims, config, side, offset, found) => {
    const now = Math.floor(Date.now() / 1000);
    const token = new UnsecuredJWT(claims).encode();
    const refused = explainConsulRefusal({ ...login, jwt: token, serverMessage }, { config });
    expect(refused.found).toBe(found);
    const bound = (refused.expected as Record<string, number>)[side];
    expect(bound).toBeGreaterThanOrEqual(now + offset);
    expect(bound).toBeLessThan(now + offset + 5);
    expect(explainConsulRefusal({ ...login, jwt: token, serverMessage }, {})).toMatchObject({
      expected: undefined,
      found,
    });
  });
});
