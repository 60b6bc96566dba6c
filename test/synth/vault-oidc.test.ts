import { VaultOidcStack, type VaultOidcStackProps } from 'vaultproof/stacks/vault-oidc';
import { describe, expect, test } from 'vitest';
import { type StackJson, synthStack } from './synth-stack.js';

const role = {
  roleName: 'people',
  allowedRedirectUris: ['http://localhost:8250/oidc/callback'],
  boundClaims: { groups: 'engineering' },
  tokenPolicies: ['default'],
};
const method = { oidcDiscoveryUrl: 'https://acme.okta.com', oidcClientId: '0oa1' };

/** Declares as a caller does for whom no compiler looks. */
function synth(props: Partial<VaultOidcStackProps> | Readonly<Record<string, unknown>> = {}): Promise<StackJson> {
  const all = { ...method, roles: [role], ...props } as VaultOidcStackProps;
  return synthStack((app) => new VaultOidcStack(app, 'people', all));
}

const withRole = (changes: Readonly<Record<string, unknown>>) => synth({ roles: [{ ...role, ...changes }] });

test('an auth method of the type "oidc" has its client, whose secret is a sensitive variable that is not kept', async () => {
  const json = await synth();
  expect(json.resource['vault_jwt_auth_backend']).toEqual({
    oidc: {
      default_role: 'people',
      oidc_client_id: '0oa1',
      oidc_client_secret_wo: `\${var.oidc_client_secret}`,
      oidc_client_secret_wo_version: 1,
      oidc_discovery_url: 'https://acme.okta.com',
      path: 'oidc',
      type: 'oidc',
    },
  });
  expect(json).toMatchObject({
    variable: { oidc_client_secret: { type: 'string', sensitive: true } },
    terraform: {
      required_version: '>= 1.11.0',
      required_providers: { vault: { source: 'hashicorp/vault', version: '~> 5.7' } },
    },
  });
});

test('a role is of the type "oidc", has the user claim "sub", an hour, and eight at most', async () => {
  expect((await synth()).resource['vault_jwt_auth_backend_role']).toEqual({
    'role-people': {
      allowed_redirect_uris: ['http://localhost:8250/oidc/callback'],
      backend: `\${vault_jwt_auth_backend.oidc.path}`,
      bound_claims: { groups: 'engineering' },
      role_name: 'people',
      role_type: 'oidc',
      token_max_ttl: 28_800,
      token_policies: ['default'],
      token_ttl: 3600,
      user_claim: 'sub',
    },
  });
});

test('what is given takes the place of the defaults', async () => {
  const { resource } = await synth({
    path: 'okta',
    defaultRole: 'Other',
    boundIssuer: 'https://acme.okta.com',
    jwtSupportedAlgs: ['ES256'],
    oidcDiscoveryCaPem: 'CA',
    oidcClientSecretVersion: 2,
    tune: [{ listingVisibility: 'unauth' }],
    roles: [
      {
        ...role,
        userClaim: 'oid',
        boundSubject: 'ada',
        boundAudiences: ['0oa1'],
        boundClaims: { groups: ['eng*', 'ops'] },
        boundClaimsType: 'glob',
        groupsClaim: 'groups',
        oidcScopes: ['groups'],
        maxAge: 600,
        claimMappings: { email: 'email' },
        tokenTtl: 60,
        tokenMaxTtl: 120,
      },
    ],
  });
  expect(resource['vault_jwt_auth_backend']?.['oidc']).toMatchObject({
    path: 'okta',
    default_role: 'other',
    bound_issuer: 'https://acme.okta.com',
    jwt_supported_algs: ['ES256'],
    oidc_discovery_ca_pem: 'CA',
    oidc_client_secret_wo_version: 2,
    tune: [{ listing_visibility: 'unauth' }],
  });
  expect(resource['vault_jwt_auth_backend_role']?.['role-people']).toMatchObject({
    user_claim: 'oid',
    bound_subject: 'ada',
    bound_audiences: ['0oa1'],
    bound_claims: { groups: 'eng*,ops' },
    bound_claims_type: 'glob',
    groups_claim: 'groups',
    oidc_scopes: ['groups'],
    max_age: 600,
    claim_mappings: { email: 'email' },
    token_ttl: 60,
    token_max_ttl: 120,
  });
});

test('policies, groups and KV engines are those of a JWT login, and refer to this auth method', async () => {
  const { resource, output } = await synth({
    roles: [{ ...role, groupsClaim: 'groups', tokenPolicies: ['own'] }],
    policies: [{ name: 'own', rules: ({ name }) => [{ secrets: `${name}/*`, access: ['read'] }] }],
    groups: [{ name: 'engineering', policies: ['own'] }],
    kv: {},
  });
  const accessor = `\${vault_jwt_auth_backend.oidc.accessor}`;
  expect(resource['vault_policy']?.['policy-own']).toMatchObject({
    policy: expect.stringContaining(`path "kv/data/{{identity.entity.aliases.${accessor}.name}}/*"`),
  });
  expect(resource['vault_jwt_auth_backend_role']?.['role-people']).toMatchObject({
    token_policies: [`\${vault_policy.policy-own.name}`],
  });
  expect(resource['vault_identity_group']).toEqual({
    'group-engineering': { name: 'engineering', type: 'external', policies: [`\${vault_policy.policy-own.name}`] },
  });
  expect(resource['vault_identity_group_alias']?.['group-alias-engineering']).toMatchObject({
    mount_accessor: accessor,
  });
  expect(output).toEqual({
    kv_path: { value: `\${vault_mount.kv.path}` },
    login_command: { value: `vault login -method=oidc -path=\${vault_jwt_auth_backend.oidc.path}` },
  });
});

describe('a redirect URI', () => {
  test.each([
    ['http://vault.acme.example/callback', 'anyone on the network path can read the code'],
    [`http://vault.acme.example/\${var.path}`, 'anyone on the network path can read the code'],
    [`https://\${var.host}/*`, 'Vault has no wildcards here'],
    ['http://localhost.evil.example/callback', 'anyone on the network path can read the code'],
    ['http://localhost@evil.example/callback', 'anyone on the network path can read the code'],
    ['http://127.0.0.1.evil.example/callback', 'anyone on the network path can read the code'],
    ['https://*.acme.example/callback', 'Vault has no wildcards here'],
    ['http://localhost:*/oidc/callback', 'Vault has no wildcards here'],
    ['https://vault.acme.example/callback#code', 'OAuth 2.0 allows no fragment'],
    ['vault.acme.example/callback', 'expected a URL that begins with https://'],
    [' https://vault.acme.example/callback', 'expected a URL without spaces'],
    ['', 'expected a URL without spaces'],
  ])('is refused: %s', async (uri, why) => {
    const uris = ['http://localhost:8250/oidc/callback', uri];
    await expect(withRole({ allowedRedirectUris: uris })).rejects.toThrow(
      `the role "people" has the redirect URI ${JSON.stringify(uri)}: ${why}`,
    );
  });

  test.each([
    'https://vault.acme.example:8200/ui/vault/auth/oidc/oidc/callback',
    'http://localhost/callback',
    'http://127.0.0.1:8250/oidc/callback',
    'http://[::1]:8250/oidc/callback',
    `\${var.vault_address}/ui/vault/auth/oidc/oidc/callback`,
    `http://\${var.host}:8250/oidc/callback`,
  ])('may be %s', async (uri) => {
    const { resource } = await withRole({ allowedRedirectUris: [uri] });
    expect(resource['vault_jwt_auth_backend_role']?.['role-people']).toMatchObject({ allowed_redirect_uris: [uri] });
  });

  test.each([{}, { allowedRedirectUris: [] }, { allowedRedirectUris: 'https://vault.acme.example' }])(
    'is needed: %j',
    async (uris) => {
      const { allowedRedirectUris: _, ...others } = role;
      await expect(synth({ roles: [{ ...others, ...uris }] })).rejects.toThrow(
        'the role "people" has no "allowedRedirectUris", without which Vault refuses it',
      );
    },
  );
});

describe('a role that lets in everyone at the provider', () => {
  const unbound = 'the role "people" lets in everyone who can sign in at the provider';

  test.each([
    {},
    { boundSubject: '' },
    { boundClaims: { iss: 'https://acme.okta.com', aud: '0oa1' } },
    // Its own policies are for those without a group, too.
    { groupsClaim: 'groups' },
  ])('is refused: %j', async (bounds) => {
    await expect(withRole({ boundClaims: {}, ...bounds })).rejects.toThrow(unbound);
  });

  test.each([{ boundSubject: 'ada' }, { groupsClaim: 'groups', tokenPolicies: [] }])(
    'is not one with %j',
    async (bounds) => {
      const { resource } = await withRole({ boundClaims: {}, ...bounds });
      expect(resource['vault_jwt_auth_backend_role']).toHaveProperty('role-people');
    },
  );

  test('takes a reason', async () => {
    const { resource } = await withRole({
      boundClaims: {},
      allow: { 'audience-only': 'all of Acme may read the menu' },
    });
    expect(resource['vault_jwt_auth_backend_role']).toHaveProperty('role-people');
  });
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['no role', { roles: [] }, 'a login without a role accepts no one'],
  ['no provider', { oidcDiscoveryUrl: undefined }, '"oidcDiscoveryUrl" of stack "people" is undefined'],
  [
    'the discovery document in the place of the provider',
    { oidcDiscoveryUrl: 'https://acme.okta.com/.well-known/openid-configuration' },
    'leave "/.well-known/openid-configuration" out',
  ],
  ['no client', { oidcClientId: '' }, '"oidcClientId" of stack "people" is ""'],
  ['a provider over http', { oidcDiscoveryUrl: 'http://okta.example' }, 'allow["keys-over-http"]'],
  ['a secret that would be in the JSON', { oidcClientSecret: 'canary' }, 'set TF_VAR_oidc_client_secret'],
  ['a password in a URL', { oidcDiscoveryUrl: 'https://u:canary@okta.example' }, 'contains a URL with a password'],
  ['keys beside the provider', { jwksUrl: 'https://okta.example/keys' }, 'unknown option "jwksUrl" of stack "people"'],
  ['a leeway, which only JWTs have', { roles: [{ ...role, clockSkewLeeway: 5 }] }, 'unknown option "clockSkewLeeway"'],
  ['a role of another type', { roles: [{ ...role, roleType: 'jwt' }] }, 'unknown option "roleType" of role "people"'],
  ['an empty claim', { roles: [{ ...role, boundClaims: { groups: '' } }] }, 'binds "groups" to nothing'],
  ['the policy root', { roles: [{ ...role, tokenPolicies: ['root'] }] }, 'because of its policy "root"'],
  ['groups that no role has', { groups: [{ name: 'a', policies: [] }] }, 'the groups have no effect'],
  [
    'groups of a local auth method',
    { local: true, roles: [{ ...role, groupsClaim: 'g' }], groups: [{ name: 'a', policies: [] }] },
    'Vault refuses group aliases of a local auth method',
  ],
])('refused is %s', async (_what, props, words) => {
  const error: Error = await synth(props).then(
    () => new Error('it was taken'),
    (cause: Error) => cause,
  );
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toContain(words);
  expect(error.message).not.toContain('canary');
});

test('a provider over http takes a reason, and this host none', async () => {
  await synth({ oidcDiscoveryUrl: 'http://okta.example', allow: { 'keys-over-http': 'a tunnel is between them' } });
  const { resource } = await synth({ oidcDiscoveryUrl: 'http://127.0.0.1:8080' });
  expect(resource['vault_jwt_auth_backend']?.['oidc']).toMatchObject({ oidc_discovery_url: 'http://127.0.0.1:8080' });
});
