import { type LintCode, lint } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';
import { consulLogin, found } from './found.js';

const unknown = `\${var.unknown}`;

/** What a rule finds in the auth method. */
const finds = (code: LintCode, config: object = {}, method: object = {}): unknown[] =>
  found(code, consulLogin({ config: { ...config }, method: { ...method } }));

const discovery = { JWKSURL: undefined, BoundIssuer: undefined, OIDCDiscoveryURL: 'https://i.example' };
const keys = { JWKSURL: undefined, JWTValidationPubKeys: ['-----BEGIN PUBLIC KEY-----'] };

test('a login with all that it needs has nothing to find', () => {
  expect(lint(consulLogin())).toEqual([]);
  expect(lint(consulLogin({ config: discovery }))).toEqual([]);
});

describe('no-bound-issuer', () => {
  test.each([{ BoundIssuer: '' }, { BoundIssuer: undefined }, { BoundIssuer: undefined, ...keys }])(
    'finds a method with %j',
    (config) => {
      expect(finds('no-bound-issuer', config)).toEqual([{ address: 'jwt', attribute: 'config_json.BoundIssuer' }]);
    },
  );

  test.each([{ BoundIssuer: unknown }, discovery, { BoundIssuer: undefined, boundissuer: 'https://i.example' }])(
    'is content with %j',
    (config) => {
      expect(finds('no-bound-issuer', config)).toEqual([]);
    },
  );

  test('reads the other argument, and no method of another type or of unknown configuration', () => {
    const method = { config_json: null, config: { JWKSURL: 'https://i.example/keys' } };
    expect(finds('no-bound-issuer', {}, method)).toEqual([{ address: 'jwt', attribute: 'config.BoundIssuer' }]);
    expect(finds('no-bound-issuer', { BoundIssuer: '' }, { type: 'kubernetes' })).toEqual([]);
    expect(finds('no-bound-issuer', {}, { config_json: unknown })).toEqual([]);
    expect(finds('no-bound-issuer', {}, { config_json: `{"JWKSURL": ${unknown}}` })).toEqual([]);
  });
});

describe('no-bound-audiences', () => {
  test.each([undefined, []])('finds discovery with %j', (BoundAudiences) => {
    expect(finds('no-bound-audiences', { ...discovery, BoundAudiences })).toEqual([
      { address: 'jwt', attribute: 'config_json.BoundAudiences' },
    ]);
  });

  test('is content with a key set, which takes no token with an aud then, and with what is not known', () => {
    expect(finds('no-bound-audiences', { BoundAudiences: undefined })).toEqual([]);
    expect(finds('no-bound-audiences', { ...discovery, BoundAudiences: [unknown] })).toEqual([]);
  });
});

describe('audience-never-matches', () => {
  const none = { BoundAudiences: undefined };

  test.each([
    { BoundIssuer: 'https://token.actions.githubusercontent.com' },
    { BoundIssuer: 'https://gitlab.com', ...keys },
    { JWKSURL: 'https://cluster.acme.example/openid/v1/jwks' },
    { ClaimMappings: { '/kubernetes.io/namespace': 'namespace' } },
  ])('finds a method with %j', (config) => {
    const expected = [{ address: 'jwt', attribute: 'config_json.BoundAudiences' }];
    expect(finds('audience-never-matches', { ...config, ...none })).toEqual(expected);
    expect(finds('audience-never-matches', config)).toEqual([]);
  });

  test('is content with others, and with discovery, of which no-bound-audiences speaks', () => {
    expect(finds('audience-never-matches', none)).toEqual([]);
    const gitlab = { ...discovery, OIDCDiscoveryURL: 'https://gitlab.com', ...none };
    expect(finds('audience-never-matches', gitlab)).toEqual([]);
    expect(finds('no-bound-audiences', gitlab)).toHaveLength(1);
  });
});

test('issuer-never-matches finds a BoundIssuer without its scheme', () => {
  for (const config of [
    { BoundIssuer: 'gitlab.com' },
    { BoundIssuer: 'git.acme.example', JWKSURL: 'https://git.acme.example/oauth/discovery/keys' },
  ]) {
    expect(finds('issuer-never-matches', config)).toEqual([
      { address: 'jwt', attribute: 'config_json.BoundIssuer', found: config.BoundIssuer },
    ]);
  }
  expect(finds('issuer-never-matches', { BoundIssuer: 'https://gitlab.com' })).toEqual([]);
  expect(finds('issuer-never-matches', { BoundIssuer: unknown })).toEqual([]);
});

test('dotted-claim finds a claim within a claim that is mapped by dots', () => {
  const config = {
    ClaimMappings: { sub: 'user', 'realm_access.user': 'other' },
    ListClaimMappings: { 'realm_access.roles': 'roles', '/realm_access/roles': 'groups' },
  };
  expect(finds('dotted-claim', config)).toEqual([
    { address: 'jwt', attribute: 'config_json.ClaimMappings', found: 'realm_access.user' },
    { address: 'jwt', attribute: 'config_json.ListClaimMappings', found: 'realm_access.roles' },
  ]);
});

test('no-bound-issuer says what comes first where Nomad signs', () => {
  const fix = (config: object) =>
    lint(consulLogin({ config: { BoundIssuer: undefined, ...config } })).find(({ code }) => code === 'no-bound-issuer')
      ?.fix;
  expect(fix({ ClaimMappings: { nomad_job_id: 'user' } })).toContain('oidc_issuer');
  expect(fix({ JWKSURL: 'http://127.0.0.1:4646/.well-known/jwks.json' })).toContain('oidc_issuer');
  expect(fix({})).not.toContain('oidc_issuer');
});

test.each([
  `\${jsonencode({ JWKSURL = "https://i.example/keys" })}`,
  `\${jsonencode({"JWKSURL" = "https://i.example/keys", "BoundIssuer" = ""})}`,
  `\${jsonencode({ JWKSURL = var.keys, ClaimMappings = { sub = "user" } })}`,
  `\${jsonencode({\n  JWKSURL : "https://\${var.host}/keys" # by name\n  ClaimMappings = { "sub" : "user" }\n})}`,
])('an auth method in %s is looked at', (config_json) => {
  expect(finds('no-bound-issuer', {}, { config_json })).toEqual([
    { address: 'jwt', attribute: 'config_json.BoundIssuer' },
  ]);
});

describe('no-max-token-ttl', () => {
  test.each([null, '', '0s', '0'])('finds %j', (ttl) => {
    expect(finds('no-max-token-ttl', {}, { max_token_ttl: ttl })).toEqual([
      { address: 'jwt', attribute: 'max_token_ttl' },
    ]);
  });

  test.each(['15m', '1h0m0s', unknown])('is content with %j', (ttl) => {
    expect(finds('no-max-token-ttl', {}, { max_token_ttl: ttl })).toEqual([]);
  });
});

test('token-locality-global finds global, and nothing else', () => {
  expect(finds('token-locality-global', {}, { token_locality: 'global' })).toMatchObject([{ found: 'global' }]);
  for (const token_locality of ['local', null, unknown]) {
    expect(finds('token-locality-global', {}, { token_locality })).toEqual([]);
  }
});

describe('algorithms-not-enforced', () => {
  test.each([{}, keys])('finds algorithms with %j', (config) => {
    expect(finds('algorithms-not-enforced', { ...config, JWTSupportedAlgs: ['RS256'] })).toEqual([
      { address: 'jwt', attribute: 'config_json.JWTSupportedAlgs', found: ['RS256'] },
    ]);
  });

  test('is content with discovery, and with none', () => {
    expect(finds('algorithms-not-enforced', { ...discovery, JWTSupportedAlgs: ['RS256'] })).toEqual([]);
    expect(finds('algorithms-not-enforced', { JWTSupportedAlgs: [] })).toEqual([]);
  });
});

describe('leeway-not-nanoseconds', () => {
  test.each([
    ['ExpirationLeeway', 60],
    ['NotBeforeLeeway', 150],
    ['ClockSkewLeeway', '60'],
    ['ClockSkewLeeway', '60s'],
    ['ClockSkewLeeway', -2],
  ])('finds %s of %j', (name, leeway) => {
    expect(finds('leeway-not-nanoseconds', { [name]: leeway })).toEqual([
      { address: 'jwt', attribute: `config_json.${name}`, found: leeway },
    ]);
  });

  test.each([60_000_000_000, '60000000000', 0, -1, '', null, unknown])('is content with %j', (leeway) => {
    expect(finds('leeway-not-nanoseconds', { ClockSkewLeeway: leeway })).toEqual([]);
  });

  test('reads the other argument', () => {
    const method = { config_json: null, config: { JWKSURL: 'https://i.example/keys', ClockSkewLeeway: '60' } };
    expect(finds('leeway-not-nanoseconds', {}, method)).toMatchObject([{ attribute: 'config.ClockSkewLeeway' }]);
  });
});

describe('glob-never-matches', () => {
  test.each(['*', 'https://*.acme.example'])('finds the audience %s', (audience) => {
    expect(finds('glob-never-matches', { BoundAudiences: ['damage_inc', audience, unknown] })).toEqual([
      { address: 'jwt', attribute: 'config_json.BoundAudiences', found: audience },
    ]);
    const discovery = { JWKSURL: undefined, OIDCDiscoveryURL: 'https://i.example' };
    expect(finds('glob-never-matches', { ...discovery, BoundAudiences: [audience] })).toHaveLength(1);
  });

  test.each([
    { BoundAudiences: ['damage_inc'] },
    { BoundAudiences: [`${unknown}*`] },
    { BoundAudiences: unknown },
    { BoundAudiences: undefined },
  ])('is content with %j', (config) => {
    expect(finds('glob-never-matches', config)).toEqual([]);
  });
});
