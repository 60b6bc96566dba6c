import { lint } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';
import { found, login } from './found.js';

const unknown = `\${var.unknown}`;

describe('no-bound-issuer', () => {
  test.each([
    {},
    { bound_issuer: '' },
    { jwks_url: null, jwt_validation_pubkeys: ['-----BEGIN PUBLIC KEY-----'] },
    { jwks_url: null, oidc_discovery_url: 'https://i.example' },
  ])('finds a backend with %j', (backend) => {
    expect(found('no-bound-issuer', login({ backend: { bound_issuer: null, ...backend } }))).toEqual([
      { address: 'jwt', attribute: 'bound_issuer' },
    ]);
  });

  test.each([
    { bound_issuer: 'https://i.example' },
    { bound_issuer: unknown },
    { bound_issuer: null, jwks_url: null, jwks_pairs: [{ jwks_url: 'https://i.example/keys' }] },
    { bound_issuer: null, jwks_url: null, oidc_discovery_url: 'https://i.example', oidc_client_id: 'vault' },
  ])('is content with %j', (backend) => {
    expect(found('no-bound-issuer', login({ backend }))).toEqual([]);
  });

  test('is content where every role binds iss, or may', () => {
    const backend = { bound_issuer: null };
    const bound = { bound_claims: { iss: 'https://i.example' } };
    expect(found('no-bound-issuer', login({ backend, role: bound }))).toEqual([]);
    expect(found('no-bound-issuer', login({ backend, role: { bound_claims: unknown } }))).toEqual([]);
    expect(found('no-bound-issuer', login({ backend, role: { bound_claims: { team: 'red' } } }))).toHaveLength(1);
    const glob = (iss: string) => login({ backend, role: { bound_claims: { iss }, bound_claims_type: 'glob' } });
    expect(found('no-bound-issuer', glob('https://i.example/*'))).toEqual([]);
    expect(found('no-bound-issuer', glob('https://*'))).toHaveLength(1);
    expect(found('no-bound-issuer', glob('*'))).toHaveLength(1);
  });
});

test('no-bound-issuer says what comes first where Nomad signs', () => {
  const fix = (json: unknown) => lint(json).find(({ code }) => code === 'no-bound-issuer')?.fix;
  const backend = { bound_issuer: null };
  expect(fix(login({ backend, role: { user_claim: 'nomad_job_id' } }))).toContain('oidc_issuer');
  const keys = { ...backend, jwks_url: 'http://127.0.0.1:4646/.well-known/jwks.json' };
  expect(fix(login({ backend: keys }))).toContain('oidc_issuer');
  expect(fix(login({ backend }))).not.toContain('oidc_issuer');
});

describe('issuer-never-matches', () => {
  const keys = { jwks_url: 'https://git.acme.example/oauth/discovery/keys' };

  test.each([
    { bound_issuer: 'gitlab.com' },
    { bound_issuer: 'https://gitlab.com/' },
    { bound_issuer: 'http://gitlab.com' },
    { bound_issuer: 'token.actions.githubusercontent.com' },
    { bound_issuer: 'gitlab.acme.example' },
    { bound_issuer: 'git.acme.example', ...keys },
    { bound_issuer: 'git.acme.example', jwks_url: null, oidc_discovery_url: 'https://git.acme.example' },
    { bound_issuer: 'https://login.microsoftonline.com/common/v2.0' },
    { bound_issuer: 'https://accounts.google.com/' },
  ])('finds %j', (backend) => {
    expect(found('issuer-never-matches', login({ backend }))).toEqual([
      { address: 'jwt', attribute: 'bound_issuer', found: backend.bound_issuer },
    ]);
  });

  test('finds it in a role', () => {
    const json = login({ backend: { bound_issuer: null }, role: { bound_claims: { iss: 'gitlab.com' } } });
    expect(found('issuer-never-matches', json)).toEqual([
      { address: 'role', attribute: 'bound_claims.iss', found: 'gitlab.com' },
    ]);
  });

  test.each([
    { bound_issuer: 'https://gitlab.com' },
    { bound_issuer: 'https://git.acme.example', ...keys },
    { bound_issuer: 'acme-issuer', ...keys },
    { bound_issuer: 'kubernetes/serviceaccount' },
    { bound_issuer: 'kubernetes.default.svc' },
    { bound_issuer: 'accounts.google.com', oidc_discovery_url: 'https://accounts.google.com', jwks_url: null },
    { bound_issuer: 'https://login.microsoftonline.com/6f2c/v2.0' },
    { bound_issuer: unknown },
    {},
  ])('is content with %j', (backend) => {
    expect(found('issuer-never-matches', login({ backend: { ...backend } }))).toEqual([]);
  });
});

describe('undeclared-default-role', () => {
  test('finds a name that no role of the auth method has', () => {
    const backend = { default_role: 'deploy' };
    expect(found('undeclared-default-role', login({ backend }))).toEqual([
      { address: 'jwt', attribute: 'default_role', found: 'deploy' },
    ]);
    const elsewhere = login({ backend, role: { role_name: 'deploy', backend: 'jwt' } });
    expect(found('undeclared-default-role', elsewhere)).toEqual([]);
  });

  test.each([
    [{ default_role: 'role' }, {}],
    [{ default_role: 'Role' }, {}],
    [{ default_role: '' }, {}],
    [{ default_role: unknown }, {}],
    [{ default_role: 'deploy' }, { role_name: unknown }],
    [{ default_role: 'deploy' }, { role_name: 'deploy', backend: unknown }],
    [{ default_role: `\${vault_jwt_auth_backend_role.role.role_name}` }, {}],
  ])('is content with %j and %j', (backend, role) => {
    expect(found('undeclared-default-role', login({ backend, role }))).toEqual([]);
  });
});

describe('algorithms-unnamed', () => {
  test('finds a backend that names none', () => {
    expect(found('algorithms-unnamed', login({ backend: { jwt_supported_algs: null } }))).toEqual([
      { address: 'jwt', attribute: 'jwt_supported_algs' },
    ]);
    expect(found('algorithms-unnamed', login({ backend: { jwt_supported_algs: [] } }))).toHaveLength(1);
  });

  test('is content where there is an OIDC client, whose provider signs by RS256', () => {
    const backend = { jwt_supported_algs: null, oidc_client_id: 'vault' };
    expect(found('algorithms-unnamed', login({ backend }))).toEqual([]);
  });

  test.each([[['ES256']], unknown, [[unknown]]])('is content with %j', (algs) => {
    expect(found('algorithms-unnamed', login({ backend: { jwt_supported_algs: algs } }))).toEqual([]);
  });
});
