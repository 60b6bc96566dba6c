import { lint } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';

type Fields = Readonly<Record<string, unknown>>;

/** What lints find in endpoints that are written with bodies, by `code attribute`. */
function finds(endpoints: Readonly<Record<string, Fields>>, more: Fields = {}): string[] {
  const written = Object.entries(endpoints).map(([path, data], index) => [
    `e${index}`,
    { path, data_json: JSON.stringify(data) },
  ]);
  const json = { resource: { vault_generic_endpoint: Object.fromEntries(written), ...more } };
  return lint(json).map(({ code, address, attribute }) => `${code} ${address.replace(/^.*\./, '')} ${attribute}`);
}

const config = {
  bound_issuer: 'https://i.example',
  jwks_url: 'https://i.example/keys',
  jwt_supported_algs: 'RS256,ES256',
};
const role = {
  role_type: 'jwt',
  user_claim: 'sub',
  bound_audiences: 'damage_inc',
  bound_subject: 'vishpat',
  token_max_ttl: '1h',
  policies: 'default',
};

describe('what vault_generic_endpoints write', () => {
  test('of a JWT login is looked at, and is content with a sound one', () => {
    expect(finds({ 'auth/jwt/config': config, '/auth/jwt/role/a': role })).toEqual([]);
  });

  test('of an auth method is looked at', () => {
    const bad = { jwks_url: 'https://i.example/keys', default_role: 'gone' };
    expect(finds({ 'auth/jwt/config': bad, 'auth/jwt/role/a': role })).toEqual([
      'no-bound-issuer e0 data_json.bound_issuer',
      'algorithms-unnamed e0 data_json.jwt_supported_algs',
      'undeclared-default-role e0 data_json.default_role',
    ]);
  });

  test('of a role is looked at, with its auth method, whichever of them is a resource', () => {
    const bad = { user_claim: 'email', bound_claims: { ref: 'main' }, policies: 'root,a', max_ttl: 60 };
    const github = { ...config, bound_issuer: 'https://token.actions.githubusercontent.com' };
    const expected = [
      'audience-never-matches e1 data_json.bound_audiences',
      'no-tenant-bound e1 data_json.bound_claims',
      'ref-never-matches e1 data_json.bound_claims.ref',
      'mutable-user-claim e1 data_json.user_claim',
      'role-type-default e1 data_json.role_type',
      'root-policy e1 data_json.token_policies',
      'undeclared-policy e1 data_json.token_policies',
    ];
    expect(finds({ 'auth/ci/config': github, 'auth/ci/role/a': bad })).toEqual(expected);
    const backend = { vault_jwt_auth_backend: { ci: { path: 'ci', ...github, jwt_supported_algs: ['RS256'] } } };
    expect(finds({ 'auth/ci/role/a': bad }, backend)).toEqual(expected.map((one) => one.replace('e1', 'e0')));
  });

  test('is not split at commas, and keeps its types', () => {
    expect(finds({ 'auth/jwt/role/a': { ...role, bound_claims: { team: 'a,b', email_verified: true } } })).toEqual([]);
    expect(finds({ 'auth/jwt/role/a': { ...role, bound_claims: { email_verified: ['true'] } } })).toEqual([
      'type-never-matches e0 data_json.bound_claims.email_verified',
    ]);
    const globs = { bound_claims: { team: ['red', 'blue*'] }, bound_claims_type: 'glob' };
    expect(finds({ 'auth/jwt/role/a': { ...role, ...globs } })).toEqual([
      'glob-too-wide e0 data_json.bound_claims.team',
    ]);
  });

  test.each(['sys/policies/acl/p', 'sys/policy/p'])('of a policy at %s is looked at', (path) => {
    expect(finds({ [path]: { policy: 'path "sys/audit" { capabilities = ["sudo"] }' } })).toEqual([
      'policy-sudo e0 data_json.policy',
    ]);
    const named = finds({
      [path]: { policy: 'path "a" { capabilities = ["read"] }' },
      'auth/jwt/role/a': { ...role, policies: ['p'] },
    });
    expect(named).toEqual([]);
  });

  test('is found by the path of a mount, whose tuning counts', () => {
    const path = `auth/\${vault_auth_backend.jwt.path}/config`;
    const open = { ...role, token_max_ttl: null };
    const at = `auth/\${vault_auth_backend.jwt.path}/role/a`;
    const mount = (more: Fields) => ({ vault_auth_backend: { jwt: { type: 'jwt', ...more } } });
    expect(finds({ [path]: config, [at]: open }, mount({}))).toEqual(['no-max-ttl e1 data_json.token_max_ttl']);
    expect(finds({ [path]: config, [at]: open }, mount({ tune: [{ max_lease_ttl: '1h' }] }))).toEqual([]);
  });

  test('elsewhere, or not known, is left alone', () => {
    expect(
      finds({ 'auth/approle/role/a': { token_policies: ['a'] }, 'auth/kubernetes/config': { issuer: 'x' } }),
    ).toEqual([]);
    const data_json = `\${var.unknown}`;
    const json = { resource: { vault_generic_endpoint: { e: { path: 'auth/jwt/config', data_json } } } };
    expect(lint(json)).toEqual([]);
  });

  test.each([null, true, 7, 'x', [], [null], [[{}]], {}, { x: [1] }])('may have %j anywhere', (odd) => {
    const bodies = { 'auth/jwt/config': { ...config, jwks_pairs: [{}], default_role: 'x' }, 'auth/jwt/role/a': role };
    for (const [path, body] of Object.entries({ ...bodies, 'sys/policy/p': { policy: '' } })) {
      for (const name of [...Object.keys(body), 'bound_claims', 'claim_mappings', 'groups_claim', 'tune']) {
        expect(finds({ ...bodies, [path]: { ...body, [name]: odd } })).toBeInstanceOf(Array);
      }
    }
  });

  test('may be allowed where it stands', () => {
    const data_json = JSON.stringify({ ...config, bound_issuer: '' });
    const allow = { '//': { vaultproof: { allow: { 'no-bound-issuer': 'one issuer has these keys' } } } };
    const e = { path: 'auth/jwt/config', data_json, ...allow };
    expect(lint({ resource: { vault_generic_endpoint: { e } } })).toEqual([]);
  });
});
