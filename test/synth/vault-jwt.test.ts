import { exampleProps } from 'vaultproof/stacks/example';
import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { describe, expect, test } from 'vitest';
import { type StackJson, synthStack } from './synth-stack.js';

const jwksUrl = 'http://127.0.0.1:8080/.well-known/jwks.json';
const reader = { roleName: 'reader', boundAudiences: ['damage_inc'], tokenPolicies: ['default'] };

function synth(props: Partial<VaultJwtStackProps> = {}): Promise<StackJson> {
  return synthStack((app) => new VaultJwtStack(app, 'demo', { jwksUrl, roles: [reader], ...props }));
}

describe('the defaults', () => {
  test('of the backend are the path "jwt", ES256 and RS256, and the first role', async () => {
    const { resource } = await synth({ roles: [reader, { ...reader, roleName: 'writer' }] });
    expect(resource['vault_jwt_auth_backend']).toEqual({
      jwt: {
        default_role: 'reader',
        jwks_url: 'http://127.0.0.1:8080/.well-known/jwks.json',
        jwt_supported_algs: ['ES256', 'RS256'],
        path: 'jwt',
      },
    });
  });

  test('of a role are the type "jwt", the user claim "sub", 15 minutes, and an hour at most', async () => {
    expect((await synth()).resource['vault_jwt_auth_backend_role']).toEqual({
      'role-reader': {
        backend: `\${vault_jwt_auth_backend.jwt.path}`,
        bound_audiences: ['damage_inc'],
        role_name: 'reader',
        role_type: 'jwt',
        token_max_ttl: 3600,
        token_policies: ['default'],
        token_ttl: 900,
        user_claim: 'sub',
      },
    });
  });

  test('of the KV engine are the path "kv" and version 2', async () => {
    expect((await synth()).resource['vault_mount']).toEqual({
      kv: { options: { version: '2' }, path: 'kv', type: 'kv' },
    });
  });

  test('leave the address to the provider, and declare no policy', async () => {
    const { provider, resource } = await synth();
    expect(provider).toEqual({ vault: [{}] });
    expect(Object.keys(resource).sort()).toEqual([
      'vault_jwt_auth_backend',
      'vault_jwt_auth_backend_role',
      'vault_mount',
    ]);
  });
});

describe('what is given', () => {
  test('takes the place of the defaults', async () => {
    const { resource, provider } = await synth({
      address: 'http://127.0.0.1:8200',
      path: 'people',
      description: 'for people',
      boundIssuer: 'https://issuer.example',
      jwtSupportedAlgs: ['EdDSA'],
      defaultRole: 'other',
      kv: { path: 'secrets', version: 1 },
      roles: [{ ...reader, userClaim: 'email', tokenTtl: 60, tokenMaxTtl: 120, boundSubject: 'vishpat' }],
    });
    expect(provider).toEqual({ vault: [{ address: 'http://127.0.0.1:8200' }] });
    expect(resource['vault_jwt_auth_backend']?.['jwt']).toEqual({
      bound_issuer: 'https://issuer.example',
      default_role: 'other',
      description: 'for people',
      jwks_url: jwksUrl,
      jwt_supported_algs: ['EdDSA'],
      path: 'people',
    });
    expect(resource['vault_jwt_auth_backend_role']?.['role-reader']).toMatchObject({
      bound_subject: 'vishpat',
      token_max_ttl: 120,
      token_ttl: 60,
      user_claim: 'email',
    });
    expect(resource['vault_mount']?.['kv']).toMatchObject({ options: { version: '1' }, path: 'secrets' });
  });

  test('can’t make a role one that takes no JWT', async () => {
    const role = { ...reader, roleType: 'oidc', backend: 'elsewhere' };
    expect((await synth({ roles: [role] })).resource['vault_jwt_auth_backend_role']?.['role-reader']).toMatchObject({
      backend: `\${vault_jwt_auth_backend.jwt.path}`,
      role_type: 'jwt',
    });
  });
});

test('a role refers to the policies of its stack, so that they are there before it, and names others', async () => {
  const { resource } = await synth({
    policies: [{ name: 'kv-reader', policy: 'path "kv/*" {}' }],
    roles: [{ ...reader, tokenPolicies: ['kv-reader', 'elsewhere'] }],
  });
  expect(resource['vault_policy']).toEqual({
    'policy-kv-reader': { name: 'kv-reader', policy: 'path "kv/*" {}' },
  });
  expect(resource['vault_jwt_auth_backend_role']?.['role-reader']).toMatchObject({
    token_policies: [`\${vault_policy.policy-kv-reader.name}`, 'elsewhere'],
  });
});

test('the outputs say where to log in and where the secrets are', async () => {
  expect((await synth()).output).toEqual({
    login_path: { value: `auth/\${vault_jwt_auth_backend.jwt.path}/login` },
    kv_path: { value: `\${vault_mount.kv.path}` },
  });
});

test('two stacks may stand in one app', async () => {
  const { resource } = await synthStack((app) => {
    new VaultJwtStack(app, 'one', { jwksUrl, roles: [reader], path: 'one' });
    new VaultJwtStack(app, 'two', { jwksUrl, roles: [reader], path: 'two' });
  });
  expect(resource['vault_jwt_auth_backend']?.['jwt']).toMatchObject({ path: 'one' });
});

test('the example lets vishpat alone in, to his own secrets', async () => {
  const boundIssuer = 'http://127.0.0.1:8080';
  const { resource } = await synth(exampleProps({ jwksUrl, boundIssuer }));
  expect(resource['vault_jwt_auth_backend']?.['jwt']).toMatchObject({
    bound_issuer: boundIssuer,
    default_role: 'jwt_vishpat',
  });
  expect(Object.values(resource['vault_jwt_auth_backend_role'] ?? {})).toMatchObject([
    { bound_audiences: ['damage_inc'], bound_subject: 'vishpat', role_name: 'jwt_vishpat' },
  ]);
  expect(Object.values(resource['vault_policy'] ?? {})).toMatchObject([
    { name: 'vishpat_keys_policy', policy: expect.stringContaining('path "kv/vishpat/*"') },
  ]);
  expect(resource['vault_mount']?.['kv']).toMatchObject({ options: { version: '1' } });
});
