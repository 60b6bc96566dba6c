import {
  type Allowances,
  VaultJwtStack,
  type VaultJwtStackProps,
  type VaultKeySource,
} from 'vaultproof/stacks/vault-jwt';
import { describe, expect, test } from 'vitest';
import { exampleProps } from '../../stacks/examples/vault-login.js';
import { type StackJson, synthStack } from './synth-stack.js';

const jwksUrl = 'http://127.0.0.1:8080/.well-known/jwks.json';
const reader = { roleName: 'reader', boundSubject: 'vishpat', tokenPolicies: ['default'] };
const boundIssuer = 'https://issuer.example';

type Props = Omit<VaultJwtStackProps, keyof VaultKeySource>;

function synth(props: Partial<Props> = {}, keys: VaultKeySource = { jwksUrl }): Promise<StackJson> {
  return synthStack(
    (app) => new VaultJwtStack(app, 'demo', { kv: {}, roles: [reader], boundIssuer, ...keys, ...props }),
  );
}

describe('the defaults', () => {
  test('of the backend are the path "jwt", ES256 and RS256, and the first role', async () => {
    const { resource } = await synth({ roles: [reader, { ...reader, roleName: 'writer' }] });
    expect(resource['vault_jwt_auth_backend']).toEqual({
      jwt: {
        bound_issuer: 'https://issuer.example',
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
        bound_subject: 'vishpat',
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

  test('is a default where it is explicitly undefined', async () => {
    const nothing = { userClaim: undefined, tokenTtl: undefined, tokenMaxTtl: undefined };
    const none = { path: undefined, jwtSupportedAlgs: undefined, defaultRole: undefined, kv: { version: undefined } };
    const given = { roles: [{ ...reader, ...nothing }], ...none } as unknown as Partial<Props>;
    expect(await synth(given)).toEqual(await synth());
  });

  test.each([
    [{ tokenTtl: 7200 }, { token_ttl: 7200, token_max_ttl: 7200 }],
    [{ tokenMaxTtl: 600 }, { token_ttl: 600, token_max_ttl: 600 }],
    [{ tokenMaxTtl: 0 }, { token_ttl: 900, token_max_ttl: 0 }],
  ])('of %j moves the other default along, which Vault would refuse', async (times, expected) => {
    const { resource } = await synth({ roles: [{ ...reader, ...times }] });
    expect(resource['vault_jwt_auth_backend_role']?.['role-reader']).toMatchObject(expected);
  });

  test.each(['roleType', 'backend'])('can’t make a role one that takes no JWT: %s', async (name) => {
    const role = { ...reader, [name]: 'oidc' };
    await expect(synth({ roles: [role] })).rejects.toThrow(`unknown option "${name}" of role "reader"`);
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

describe('the keys', () => {
  test.each<[string, VaultKeySource, object]>([
    ['a key set with its CA', { jwksUrl, jwksCaPem: 'CA' }, { jwks_url: jwksUrl, jwks_ca_pem: 'CA' }],
    [
      'public keys, without a newline at the end',
      { jwtValidationPubkeys: ['PEM\n'] },
      { jwt_validation_pubkeys: ['PEM'] },
    ],
    [
      'a discovery document with its CA',
      { oidcDiscoveryUrl: 'https://issuer.example', oidcDiscoveryCaPem: 'CA' },
      { oidc_discovery_url: 'https://issuer.example', oidc_discovery_ca_pem: 'CA' },
    ],
  ])('may be %s', async (_title, keys, declared) => {
    const { resource } = await synth({}, keys);
    expect(resource['vault_jwt_auth_backend']?.['jwt']).toEqual({
      bound_issuer: 'https://issuer.example',
      default_role: 'reader',
      jwt_supported_algs: ['ES256', 'RS256'],
      path: 'jwt',
      ...declared,
    });
  });

  test('may be several key sets, where every role binds the issuer', async () => {
    const keys = { jwksPairs: [{ jwksUrl, jwksCaPem: 'CA' }, { jwksUrl: 'https://other.example' }] };
    const roles = [{ ...reader, boundClaims: { iss: 'https://issuer.example' } }] as const;
    const { resource } = await synthStack((app) => new VaultJwtStack(app, 'demo', { kv: {}, ...keys, roles }));
    expect(resource['vault_jwt_auth_backend']?.['jwt']).toEqual({
      default_role: 'reader',
      jwks_pairs: [{ jwks_url: jwksUrl, jwks_ca_pem: 'CA' }, { jwks_url: 'https://other.example' }],
      jwt_supported_algs: ['ES256', 'RS256'],
      path: 'jwt',
    });
  });

  test.each([
    ['none', {}, 'not none'],
    ['two', { jwksUrl, jwtValidationPubkeys: ['PEM'] }, 'not jwksUrl and jwtValidationPubkeys'],
  ])('can’t be %s', async (_title, keys, words) => {
    await expect(synth({}, keys as VaultKeySource)).rejects.toThrow(
      `give exactly one of jwksUrl, jwksPairs, jwtValidationPubkeys, oidcDiscoveryUrl, ${words}`,
    );
  });

  test('can’t be several key sets beside a bound issuer, which Vault refuses', async () => {
    const keys = { jwksPairs: [{ jwksUrl }] };
    await expect(synth({}, keys)).rejects.toThrow(TypeError);
  });
});

describe('what lets strangers in takes a reason', () => {
  const everybody = { roleName: 'everybody', boundAudiences: ['damage_inc'], tokenPolicies: ['default'] };

  test('a login that does not check who signed', async () => {
    const declare = (allow?: Allowances) =>
      synthStack(
        (app) => new VaultJwtStack(app, 'demo', { kv: {}, jwksUrl, roles: [reader], ...(allow && { allow }) }),
      );
    await expect(declare()).rejects.toThrow('allow["no-bound-issuer"]');
    const { resource } = await declare({ 'no-bound-issuer': 'the keys are this issuer’s alone' });
    expect(resource['vault_jwt_auth_backend']?.['jwt']).not.toHaveProperty('bound_issuer');
  });

  test.each([
    { jwksUrl: 'http://keys.acme.example' },
    { oidcDiscoveryUrl: 'http://172.17.0.1:8080' },
    { boundIssuer: undefined, jwksPairs: [{ jwksUrl: 'https://a.example' }, { jwksUrl: 'http://keys.acme.example' }] },
  ])('keys that anyone on the wire may put there: %j', async (keys) => {
    const roles = [{ ...reader, boundClaims: { iss: 'https://i.example' } }];
    const declare = (more: object = {}) => synth({ roles, ...more }, keys as object as VaultKeySource);
    await expect(declare()).rejects.toThrow('allow["keys-over-http"]');
    await declare({ allow: { 'keys-over-http': 'a tunnel is between them' } });
  });

  test.each(['http://host.docker.internal:8080/keys', 'http://[::1]:8080/keys', `http://\${var.host}/keys`])(
    'and keys from this host take none: %s',
    async (jwksUrl) => {
      await synth({}, { jwksUrl });
    },
  );

  test('a role that binds nobody', async () => {
    await expect(synth({ roles: [everybody] })).rejects.toThrow(
      'the role "everybody" accepts every subject of this issuer',
    );
    const { resource } = await synth({ roles: [{ ...everybody, allow: { 'audience-only': 'it is public' } }] });
    expect(resource['vault_jwt_auth_backend_role']).toHaveProperty('role-everybody');
  });
});

describe('what is nothing, or a secret, is refused', () => {
  test.each<[string, Partial<Props>, string]>([
    [
      'a role that binds no more than the issuer and the audience',
      { roles: [{ ...reader, boundSubject: '', boundClaims: { iss: boundIssuer, '/aud': 'vault' } }] },
      'accepts every subject of this issuer',
    ],
    ['the policy root', { roles: [{ ...reader, tokenPolicies: ['Root'] }] }, 'refuses every login'],
    ['an empty subject', { roles: [{ ...reader, boundSubject: '' }] }, 'accepts every subject of this issuer'],
    ['an empty claim', { roles: [{ ...reader, boundClaims: { team: '' } }] }, 'binds "team" to nothing'],
    ['an empty list', { roles: [{ ...reader, boundClaims: { team: [] } }] }, 'binds "team" to nothing'],
    ['an empty issuer', { boundIssuer: '' }, 'Vault does not check "iss"'],
    ['no role', { roles: [] as unknown as Props['roles'] }, 'a login without a role'],
    [
      'a password in the address',
      { address: 'https://u:canary@vault.example' },
      '"address" contains a URL with a password',
    ],
  ])('%s', async (_what, props, words) => {
    const error: Error = await synth(props).then(
      () => new Error('it was taken'),
      (cause: Error) => cause,
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('canary');
  });

  test('a private key where a public one belongs', async () => {
    const pem = '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----';
    await expect(synth({}, { jwtValidationPubkeys: [pem] })).rejects.toThrow(
      '"jwtValidationPubkeys" contains a private key',
    );
    await expect(synth({}, { jwksUrl: 'https://u:canary@idp.example/jwks' })).rejects.toThrow(
      '"jwksUrl" contains a URL',
    );
  });
});

describe('bound claims', () => {
  const boundClaims = async (bound: Readonly<Record<string, string | readonly string[]>>): Promise<unknown> => {
    const { resource } = await synth({ roles: [{ ...reader, boundClaims: bound }] });
    return resource['vault_jwt_auth_backend_role']?.['role-reader'];
  };

  test('are a value or a list of values, which the provider takes with commas', async () => {
    expect(await boundClaims({ repository_id: '7', ref: ['refs/heads/main', 'refs/heads/next'] })).toMatchObject({
      bound_claims: { repository_id: '7', ref: 'refs/heads/main,refs/heads/next' },
    });
  });

  test('have commas in them where the provider is told not to split', async () => {
    expect(await boundClaims({ regions: 'eu,us' })).toMatchObject({
      bound_claims: { regions: 'eu,us' },
      disable_bound_claims_parsing: true,
    });
    await expect(boundClaims({ regions: 'eu,us', ref: ['a', 'b'] })).rejects.toThrow(TypeError);
  });
});

test('a policy may be rules, for the KV engines of the stack, and speak of whoever logs in', async () => {
  const { resource } = await synth({
    kv: [{ path: 'kv', version: 1 }, { path: 'team' }],
    policies: [
      {
        name: 'own',
        rules: ({ name, metadata }) => [
          { secrets: `${name}/*`, access: ['read'] },
          { kv: 'team', secrets: `${metadata('team')}/*`, access: ['read'] },
        ],
      },
      { name: 'raw', policy: ({ name }) => `path "kv/${name}" { capabilities = ["read"] }` },
    ],
  });
  const accessor = `\${vault_jwt_auth_backend.jwt.accessor}`;
  expect(resource['vault_policy']).toEqual({
    'policy-own': {
      name: 'own',
      policy: `path "kv/{{identity.entity.aliases.${accessor}.name}}/*" {
  capabilities = ["read"]
}

path "team/data/{{identity.entity.aliases.${accessor}.metadata.team}}/*" {
  capabilities = ["read"]
}
`,
    },
    'policy-raw': {
      name: 'raw',
      policy: `path "kv/{{identity.entity.aliases.${accessor}.name}}" { capabilities = ["read"] }`,
    },
  });
  expect(resource['vault_mount']).toEqual({
    'kv-kv': { options: { version: '1' }, path: 'kv', type: 'kv' },
    'kv-team': { options: { version: '2' }, path: 'team', type: 'kv' },
  });
});

test('an empty list of KV engines declares none', async () => {
  const { resource, output } = await synth({ kv: [] });
  expect(resource).not.toHaveProperty('vault_mount');
  expect(Object.keys(output)).toEqual(['login_path']);
});

test('a group has policies, under the name that the groups claim has', async () => {
  const { resource } = await synth({
    roles: [{ ...reader, groupsClaim: 'groups' }],
    policies: [{ name: 'dev-reader', policy: 'path "kv/*" {}' }],
    groups: [{ name: 'dev', policies: ['dev-reader'] }],
  });
  expect(resource['vault_identity_group']).toEqual({
    'group-dev': { name: 'dev', type: 'external', policies: [`\${vault_policy.policy-dev-reader.name}`] },
  });
  expect(resource['vault_identity_group_alias']).toEqual({
    'group-alias-dev': {
      name: 'dev',
      mount_accessor: `\${vault_jwt_auth_backend.jwt.accessor}`,
      canonical_id: `\${vault_identity_group.group-dev.id}`,
    },
  });
  await expect(synth({ groups: [{ name: 'dev', policies: [] }] })).rejects.toThrow(TypeError);
});

test('the outputs say where to log in and where the secrets are', async () => {
  expect((await synth()).output).toEqual({
    login_path: { value: `auth/\${vault_jwt_auth_backend.jwt.path}/login` },
    kv_path: { value: `\${vault_mount.kv.path}` },
  });
});

test('two stacks may stand in one app', async () => {
  const { resource } = await synthStack((app) => {
    new VaultJwtStack(app, 'one', { kv: {}, jwksUrl, boundIssuer, roles: [reader], path: 'one' });
    new VaultJwtStack(app, 'two', { kv: {}, jwksUrl, boundIssuer, roles: [reader], path: 'two' });
  });
  expect(resource['vault_jwt_auth_backend']?.['jwt']).toMatchObject({ path: 'one' });
});

test('the example lets vishpat alone in, to his own secrets', async () => {
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

describe('a KV engine', () => {
  test('is made only where one is asked for', async () => {
    const { resource, output } = await synth({ kv: [] });
    expect(resource).not.toHaveProperty('vault_mount');
    expect(output).not.toHaveProperty('kv_path');
    const bare = await synthStack((app) => new VaultJwtStack(app, 'demo', { roles: [reader], boundIssuer, jwksUrl }));
    expect(bare.resource).not.toHaveProperty('vault_mount');
  });

  test('that is there already is named by rules, and not made', async () => {
    const { resource } = await synth({
      kv: [{ path: 'company', version: 1, existing: true }, { path: 'own' }],
      policies: [{ name: 'a', rules: [{ secrets: 'x', access: ['read'] }] }],
    });
    expect(Object.keys(resource['vault_mount'] ?? {})).toEqual(['kv-own']);
    expect(resource['vault_policy']).toMatchObject({ 'policy-a': { policy: expect.stringContaining('"company/x"') } });
  });

  test('that a rule speaks of and the stack does not have is refused, with what to write', async () => {
    const policies = [{ name: 'a', rules: [{ secrets: 'x', access: ['read' as const] }] }];
    await expect(synth({ kv: [], policies })).rejects.toThrow('add kv: { path: "kv", existing: true }');
  });
});

test('lists of a constant, and lists that were mapped, are taken as they are', async () => {
  const props = {
    roles: ['a', 'b'].map((roleName) => ({ ...reader, roleName, boundAudiences: ['x'] })),
    groups: [],
  };
  const constant = { roles: [{ ...reader, boundAudiences: ['x'], tokenPolicies: ['y'] }] } as const;
  expect(Object.keys((await synth(props)).resource['vault_jwt_auth_backend_role'] ?? {})).toEqual(['role-a', 'role-b']);
  expect((await synth(constant)).resource['vault_jwt_auth_backend_role']).toMatchObject({
    'role-reader': { token_policies: ['y'] },
  });
  await expect(synth({ roles: [] })).rejects.toThrow('a login without a role');
});

describe('what Vault keeps in lowercase', () => {
  test('is declared so: the default role, policies, IPv6 addresses', async () => {
    const { resource } = await synth({
      roles: [{ ...reader, roleName: 'Deploy', tokenPolicies: ['OPS', 'Own'], tokenBoundCidrs: ['2001:DB8::/32'] }],
      policies: [{ name: 'Own', policy: 'path "a" { capabilities = ["read"] }' }],
    });
    expect(resource['vault_jwt_auth_backend']).toMatchObject({ jwt: { default_role: 'deploy' } });
    expect(resource['vault_policy']).toMatchObject({ 'policy-Own': { name: 'own' } });
    expect(resource['vault_jwt_auth_backend_role']).toMatchObject({
      'role-Deploy': {
        token_policies: ['ops', `\${vault_policy.policy-Own.name}`],
        token_bound_cidrs: ['2001:db8::/32'],
      },
    });
  });

  test.each<[string, Partial<Props>]>([
    [
      'the roles "deploy" and "Deploy"',
      {
        roles: [
          { ...reader, roleName: 'deploy' },
          { ...reader, roleName: 'Deploy' },
        ],
      },
    ],
    ['the policies "ops" and "OPS"', { policies: ['ops', 'OPS'].map((name) => ({ name, policy: 'path "a" {}' })) }],
  ])('and differs by that alone is refused: %s', async (names, props) => {
    await expect(synth(props)).rejects.toThrow(`${names} are the same to Vault`);
  });
});

describe('what Vault refuses is a TypeError with the value and the rule:', () => {
  const group = { name: 'g', policies: [] };
  const grouped = { ...reader, groupsClaim: 'groups' };

  test.each<[string, Partial<Props>, string]>([
    ['a role with a space', { roles: [{ ...reader, roleName: 'my role' }] }, 'invalid role name "my role"'],
    ['a role with a colon', { roles: [{ ...reader, roleName: 'a:b' }] }, 'invalid role name "a:b"'],
    ['a role that ends in a hyphen', { roles: [{ ...reader, roleName: 'x-' }] }, 'invalid role name "x-"'],
    ['no name', { roles: [{ ...reader, roleName: '' }] }, 'invalid role name ""'],
    ['an empty policy', { policies: [{ name: 'a', policy: ' ' }] }, 'the policy "a" is empty'],
    ['no rules', { policies: [{ name: 'a', rules: [] }] }, 'the policy "a" is empty'],
    ['a policy without a name', { policies: [{ name: '', policy: 'x' }] }, 'invalid policy name ""'],
    ['spaces around a policy', { roles: [{ ...reader, tokenPolicies: [' a'] }] }, 'invalid policy name " a"'],
    ['a group without a name', { roles: [grouped], groups: [{ ...group, name: '' }] }, 'invalid group name ""'],
    [
      'groups of a local method',
      { roles: [grouped], groups: [group], local: true },
      'Vault refuses group aliases of a local',
    ],
    ['two groups of one name', { roles: [grouped], groups: [group, group] }, 'two groups have the name "g"'],
    ['two roles of one name', { roles: [reader, reader] }, 'two roles have the name "reader"'],
    ['two engines of one path', { kv: [{}, {}] }, 'two KV engines have the path "kv"'],
    ['an engine with a slash', { kv: { path: 'kv/' } }, 'invalid KV engine path "kv/"'],
    ['a method with a slash', { path: '/jwt' }, 'invalid auth method path "/jwt"'],
    ['a number', { roles: [{ ...reader, boundClaims: { n: 5 as never } }] }, 'binds "n" to 5; expected a string'],
    ['a space before a value', { roles: [{ ...reader, boundClaims: { x: ' lead' } }] }, 'has spaces around " lead"'],
    ['a space in a list', { roles: [{ ...reader, boundClaims: { x: ['a', 'b '] } }] }, 'has spaces around "b "'],
    ['a space after an audience', { roles: [{ ...reader, boundAudiences: ['a '] }] }, 'has spaces around "a "'],
    [
      'an empty audience',
      { roles: [{ ...reader, boundAudiences: [''] }] },
      'invalid boundAudiences of the role "reader"',
    ],
    ['an audience as a string', { roles: [{ ...reader, boundAudiences: 'x' as never }] }, 'invalid boundAudiences'],
    ['no policies', { roles: [{ ...reader, tokenPolicies: undefined as never }] }, 'has no "tokenPolicies"'],
    ['a name that is a number', { roles: [{ ...reader, roleName: 5 as never }] }, 'invalid role name 5'],
    ['a space before a CIDR', { roles: [{ ...reader, tokenBoundCidrs: [' 10.0.0.0/8'] }] }, 'has spaces around " 10'],
    ['the policy root', { policies: [{ name: 'Root', policy: 'x' }] }, 'the policy "root" is built into Vault'],
    [
      'no audience at GitLab, by a bound iss',
      { roles: [{ ...reader, boundClaims: { iss: 'https://gitlab.com' } }] },
      'the role "reader" accepts no one: tokens of "https://gitlab.com"',
    ],
    ['an empty token type', { roles: [{ ...reader, tokenType: '' }] }, 'has an empty "tokenType"'],
    [
      'no audience at GitHub',
      { boundIssuer: 'https://token.actions.githubusercontent.com' },
      'the role "reader" accepts no one: tokens of "https://token.actions.githubusercontent.com" always have an "aud"',
    ],
  ])('%s', async (_what, props, message) => {
    const synthesis = synth(props);
    await expect(synthesis).rejects.toThrow(TypeError);
    await expect(synthesis).rejects.toThrow(message);
  });
});

test('an empty tune is left out, and "${" in a text is one to Vault', async () => {
  const { resource } = await synth({
    tune: [],
    description: `costs \${5} and %{6}`,
    roles: [{ ...reader, boundClaims: { price: `\${5}` } }],
    policies: [{ name: 'a', policy: `path "a/\${x}" { capabilities = ["read"] }` }],
  });
  expect(resource['vault_jwt_auth_backend']).toMatchObject({ jwt: { description: `costs $\${5} and %%{6}` } });
  expect(resource['vault_jwt_auth_backend']).not.toMatchObject({ jwt: { tune: expect.anything() } });
  expect(resource['vault_jwt_auth_backend_role']).toMatchObject({
    'role-reader': { bound_claims: { price: `$\${5}` } },
  });
  expect(resource['vault_policy']).toMatchObject({ 'policy-a': { policy: expect.stringContaining(`a/$\${x}`) } });
});
