import { UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { explainConsulRefusal, isConsulVerdict } from '../../../harness/login/explain-consul.js';

// What a real Consul says is tested in test/integration/consul-login; here is what none can be brought to say there.
const jwt = new UnsecuredJWT({ sub: 'vishpat', iat: 100 }).encode();
const login = { jwt, method: 'jwt', status: 500 };

test.each([
  ['rpc error making call: missing jwt', 'token_missing'],
  [
    "error validating claims: error converting claim 'team' to string from unknown type []interface {}",
    'claim_type_mismatch',
  ],
  ['error creating provider: Get "https://issuer.example": connection refused', 'key_set_unavailable'],
  ['templated policy failed validation: name is required', 'bind_name_invalid'],
])('the words %j mean %s', (serverMessage, code) => {
  expect(isConsulVerdict(500, serverMessage)).toBe(true);
  expect(explainConsulRefusal({ ...login, serverMessage }, {})).toMatchObject({ code, serverMessage, status: 500 });
});

test.each(['something that nobody has seen yet', 'No cluster leader', 'ACL support disabled', ''])(
  'the words %j are no verdict on the token',
  (serverMessage) => {
    expect(isConsulVerdict(500, serverMessage)).toBe(false);
  },
);

test('a 403 with words that are not known is a refusal without a reason', () => {
  expect(isConsulVerdict(403, 'go away')).toBe(true);
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

test.each([
  [{}, { OIDCDiscoveryURL: '' }, 60],
  [{ ClockSkewLeeway: 0 }, {}, 60],
  [{ ClockSkewLeeway: -1 }, {}, 0],
  [{ ClockSkewLeeway: 5_000_000_000 }, {}, 5],
  [{ ClockSkewLeeway: 5_000_000_000, OIDCDiscoveryURL: 'https://issuer.example' }, {}, 0],
])('the leeway of %j for an end is counted', (config, more, leeway) => {
  const serverMessage = 'go-jose/go-jose/jwt: validation failed, token is expired (exp)';
  const before = Math.floor(Date.now() / 1000);
  const { expected } = explainConsulRefusal({ ...login, serverMessage }, { config: { ...config, ...more } });
  const { after } = expected as { after: number };
  expect(after + leeway).toBeGreaterThanOrEqual(before);
  expect(after + leeway).toBeLessThan(before + 5);
});

test('a time that the token lacks is the one that consul derived it from, but for discovery', () => {
  const derived = 'go-jose/go-jose/jwt: validation failed, token is expired (exp)';
  const discovered = 'oidc: token is expired (Token Expiry: 0001-01-01 00:00:00 +0000 UTC)';
  expect(explainConsulRefusal({ ...login, serverMessage: derived }, {})).toMatchObject({ found: 100 });
  expect(explainConsulRefusal({ ...login, serverMessage: discovered }, {})).toMatchObject({ found: null });
});
