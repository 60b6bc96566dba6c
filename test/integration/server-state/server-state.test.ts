import { readConsulState, readVaultState, type ServerState, startEnvironment, stateDifferences } from 'vaultproof';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { expect, test } from 'vitest';
import { requiresOfVault } from '../../support/vault-of-tests.js';

test('what a vault is configured with is read by where it is, without ids', async () => {
  await using env = await startEnvironment();
  const { request } = env.vault;
  await request('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  const fresh = await readVaultState(env.vault);
  expect(Object.keys(fresh)).toEqual(
    expect.arrayContaining(['sys/policies/acl/default', 'sys/mounts/secret', 'secret/config']),
  );

  await request('POST', 'sys/auth/team/jwt', { type: 'jwt', description: 'of the team' });
  await request('POST', 'auth/team/jwt/config', { jwks_url: env.issuer.jwksUrlFor(env.vault) });
  const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['b', 'a'] };
  await request('POST', 'auth/team/jwt/role/reader', role);
  await request('PUT', 'sys/policies/acl/reader', { policy: 'path "x" { capabilities = ["read"] }' });
  const { data: entity } = await request('POST', 'identity/entity', { name: 'vishpat', policies: ['reader'] });
  const accessor = ((await request('GET', 'sys/auth'))['data'] as Record<string, { accessor: string }>)['team/jwt/'];
  const alias = { name: 'vishpat', mount_accessor: accessor?.accessor };
  await request('POST', 'identity/entity-alias', { ...alias, canonical_id: (entity as { id: string }).id });
  await request('POST', 'identity/group', { name: 'inner', member_entity_ids: [(entity as { id: string }).id] });
  await request('POST', 'identity/group', { name: 'outer', type: 'external', policies: ['reader'] });

  const state = await readVaultState(env.vault);
  expect(state['auth/team/jwt/role/reader']).toMatchObject({ role_type: 'jwt', bound_audiences: ['a', 'b'] });
  expect(state['sys/auth/team/jwt']).toMatchObject({ type: 'jwt', description: 'of the team' });
  expect(state['auth/team/jwt/config']).toMatchObject({ jwks_url: env.issuer.jwksUrlFor(env.vault) });
  expect(state['sys/policies/acl/reader']).toEqual({ policy: 'path "x" { capabilities = ["read"] }' });
  expect(state['identity/entity/name/vishpat']).toEqual({
    policies: ['reader'],
    disabled: false,
    aliases: [{ name: 'vishpat', mount_path: 'auth/team/jwt/', mount_type: 'jwt' }],
  });
  expect(state['identity/group/name/inner']).toEqual({ type: 'internal', member_entities: ['vishpat'] });
  expect(state['identity/group/name/outer']).toEqual({ type: 'external', policies: ['reader'] });
  expect(JSON.stringify(state)).not.toMatch(/"(?:accessor|uuid|id|creation_time)"|_jwt_[0-9a-f]{8}/);
});

test('roles of other auth methods, token roles and transit keys are read', async () => {
  await using env = await startEnvironment();
  const { request } = env.vault;
  await request('POST', 'sys/auth/approle', { type: 'approle' });
  await request('POST', 'auth/approle/role/job', { token_policies: ['b', 'a'] });
  await request('POST', 'auth/token/roles/ci', { allowed_policies: ['a'], orphan: true });
  await request('POST', 'sys/mounts/transit', { type: 'transit' });
  await request('POST', 'transit/keys/payments', {});
  const state = await readVaultState(env.vault);
  expect(state['auth/approle/role/job']).toMatchObject({ token_policies: ['a', 'b'], bind_secret_id: true });
  expect(state['auth/token/roles/ci']).toMatchObject({ allowed_policies: ['a'], orphan: true });
  expect(state['transit/keys/payments']).toMatchObject({ type: 'aes256-gcm96', deletion_allowed: false });
  expect(state['transit/keys/payments']).not.toHaveProperty('keys');
});

test('what a Kubernetes auth method is configured with is read, without its token', async (context) => {
  requiresOfVault('auth/kubernetes')(context);
  await using env = await startEnvironment();
  const { request } = env.vault;
  await request('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
  // OpenBao asks for a CA where it may not read the cluster's.
  const { ca } = await generateTlsIdentity();
  const config = { kubernetes_host: 'https://kubernetes.example', disable_local_ca_jwt: true, kubernetes_ca_cert: ca };
  await request('POST', 'auth/kubernetes/config', { ...config, token_reviewer_jwt: 'planted-canary' });
  const bound = { bound_service_account_names: ['app'], bound_service_account_namespaces: ['prod'] };
  await request('POST', 'auth/kubernetes/role/app', bound);
  const state = await readVaultState(env.vault);
  expect(state['auth/kubernetes/config']).toMatchObject(config);
  expect(state['auth/kubernetes/role/app']).toMatchObject(bound);
  expect(JSON.stringify(state)).not.toContain('planted-canary');
});

test('what a Consul secrets engine is configured with is read, without its token', async (context) => {
  requiresOfVault('secret/consul')(context);
  await using env = await startEnvironment();
  const { request } = env.vault;
  for (const path of ['consul', 'unconfigured']) await request('POST', `sys/mounts/${path}`, { type: 'consul' });
  const access = { address: '127.0.0.1:8500', token: 'planted-canary' };
  await request('POST', 'consul/config/access', access);
  await request('POST', 'consul/roles/app', { consul_policies: ['b', 'a'], ttl: 60 });

  const state = await readVaultState(env.vault);
  expect(state['consul/config/access']).toEqual({ address: '127.0.0.1:8500', scheme: 'http' });
  expect(state['consul/roles/app']).toMatchObject({ consul_policies: ['a', 'b'], ttl: 60, local: false });
  expect(state['unconfigured/config/access']).toEqual({});
  expect(JSON.stringify(state)).not.toMatch(/"(?:accessor|uuid|id|creation_time)"|planted-canary/);
});

test('two vaults that are configured alike do not differ, and one field that is another does', async () => {
  await using one = await startEnvironment();
  await using other = await startEnvironment();
  for (const { vault } of [one, other]) {
    await vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
    await vault.request('POST', 'auth/jwt/config', { jwks_url: one.issuer.jwksUrlFor(vault) });
    const role = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['a'] };
    await vault.request('POST', 'auth/jwt/role/reader', role);
  }
  const left = await readVaultState(one.vault);
  expect(stateDifferences(left, await readVaultState(other.vault))).toEqual([]);

  const stale = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['a'], bound_subject: 'mallory' };
  await other.vault.request('POST', 'auth/jwt/role/reader', stale);
  await other.vault.request('PUT', 'sys/policies/acl/extra', { policy: '# nothing' });
  expect(stateDifferences(left, await readVaultState(other.vault))).toEqual([
    { path: 'auth/jwt/role/reader', field: 'bound_subject', left: '', right: 'mallory' },
    { path: 'sys/policies/acl/extra', field: undefined, left: undefined, right: { policy: '# nothing' } },
  ]);
});

test("what a consul's ACLs are configured with is read, without ids", async () => {
  await using env = await startEnvironment({ vault: false, consul: true });
  const { address, token } = env.consul;
  const put = async (path: string, body: unknown): Promise<void> => {
    const headers = { 'x-consul-token': token };
    const answer = await fetch(`${address}/v1/acl/${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
  };
  await put('policy', { Name: 'read-all', Rules: 'key_prefix "" { policy = "read" }' });
  await put('role', { Name: 'reader', Policies: [{ Name: 'read-all' }] });
  const config = {
    JWKSURL: env.issuer.jwksUrlFor(env.consul),
    JWTSupportedAlgs: ['ES256'],
    BoundAudiences: ['a'],
  };
  await put('auth-method', { Name: 'jwt', Type: 'jwt', Config: config });
  await put('binding-rule', { AuthMethod: 'jwt', BindType: 'role', BindName: 'reader', Selector: '' });

  const state = await readConsulState(env.consul);
  expect(state['acl/policy/read-all']).toMatchObject({ Rules: 'key_prefix "" { policy = "read" }' });
  expect(state['acl/role/reader']).toMatchObject({ Policies: ['read-all'] });
  expect(state['acl/auth-method/jwt']).toMatchObject({ Type: 'jwt', Config: { BoundAudiences: ['a'] } });
  expect(state['acl/binding-rule/jwt role reader ']).toMatchObject({ BindType: 'role', BindName: 'reader' });
  expect(JSON.stringify(state)).not.toMatch(/ModifyIndex|"ID"|"Hash"/);
});

test("what a consul's roles grant is read in one order, whatever order it was written in", async () => {
  await using env = await startEnvironment({ vault: false, consul: true });
  for (const name of ['first', 'second']) await env.consul.request('PUT', 'acl/policy', { Name: name, Rules: '' });
  const grants = {
    Policies: [{ Name: 'first' }, { Name: 'second' }],
    ServiceIdentities: [{ ServiceName: 'web' }, { ServiceName: 'api', Datacenters: ['dc1'] }],
    NodeIdentities: [
      { NodeName: 'two', Datacenter: 'dc1' },
      { NodeName: 'one', Datacenter: 'dc1' },
    ],
    TemplatedPolicies: [
      { TemplateName: 'builtin/service', TemplateVariables: { Name: 'web' } },
      { TemplateName: 'builtin/dns' },
    ],
  };
  const turned = Object.fromEntries(Object.entries(grants).map(([name, items]) => [name, [...items].reverse()]));
  const roleWith = async (fields: object): Promise<ServerState> => {
    await env.consul.request('PUT', 'acl/role', { Name: 'reader', ...fields });
    const state = await readConsulState(env.consul);
    const { ID } = (await env.consul.request('GET', 'acl/role/name/reader')) as { ID: string };
    await env.consul.request('DELETE', `acl/role/${ID}`);
    return state;
  };
  const [one, other] = [await roleWith(grants), await roleWith(turned)];
  expect(one['acl/role/reader']).toMatchObject({
    Policies: ['first', 'second'],
    ServiceIdentities: [{ ServiceName: 'api' }, { ServiceName: 'web' }],
  });
  expect(stateDifferences(one, other)).toEqual([]);
});

test('the tokens and the keys of a consul are read, without a secret, an accessor or a value', async () => {
  await using env = await startEnvironment({ vault: false, consul: true });
  const { consul } = env;
  const fresh = await readConsulState(consul);
  await consul.request('PUT', 'acl/policy', { Name: 'read-all', Rules: 'key_prefix "" { policy = "read" }' });
  const token = { Description: 'backup', Policies: [{ Name: 'read-all' }], Local: true };
  const { SecretID, AccessorID } = (await consul.request('PUT', 'acl/token', token)) as Record<string, string>;
  await consul.request('PUT', 'acl/token', { Description: 'backup', ServiceIdentities: [{ ServiceName: 'web' }] });
  // Of Vault's Consul secrets engine, and so of anyone who has its lease.
  await consul.request('PUT', 'acl/token', { Description: 'Vault app token 1732000000000000000' });
  await consul.request('PUT', 'kv/app/colour?flags=7', 'green');
  const state = await readConsulState(consul);
  const { 'acl/policy/read-all': _policy, ...added } = Object.fromEntries(
    Object.entries(state).filter(([path]) => !(path in fresh)),
  );
  expect(added).toEqual({
    'acl/token/backup': { Description: 'backup', Local: true, Policies: ['read-all'] },
    'acl/token/backup (2)': { Description: 'backup', Local: false, ServiceIdentities: [{ ServiceName: 'web' }] },
    'kv/app/colour': { Flags: 7, Value: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
  });
  for (const secret of [SecretID, AccessorID, consul.token]) expect(JSON.stringify(state)).not.toContain(secret);
});

test('namespaces are read with what is in them', async ({ skip }) => {
  await using env = await startEnvironment();
  if (!(await env.vault.supports('namespaces'))) skip('needs namespaces, which this server lacks');
  const { request } = env.vault;
  await request('POST', 'sys/namespaces/team', { custom_metadata: { owner: 'ada' } });
  await request('POST', 'team/sys/namespaces/inner', {});
  await request('POST', 'team/inner/sys/auth/jwt', { type: 'jwt' });
  await request('PUT', 'team/sys/policies/acl/reader', { policy: 'path "x" { capabilities = ["read"] }' });
  const state = await readVaultState(env.vault);
  expect(state['sys/namespaces/team/']).toEqual({ custom_metadata: { owner: 'ada' } });
  expect(state['team/sys/namespaces/inner/']).toEqual({});
  expect(state['team/sys/policies/acl/reader']).toEqual({ policy: 'path "x" { capabilities = ["read"] }' });
  expect(state['team/inner/sys/auth/jwt']).toMatchObject({ type: 'jwt' });
  expect(
    Object.keys(state).filter((path) => /auth\/token$|sys\/mounts\/(?:identity|cubbyhole|sys)/.test(path)),
  ).toEqual([]);
});

test('an audit device is read without where it writes', async () => {
  await using env = await startEnvironment({ vault: { auditLog: true } });
  const device = { type: 'file', description: 'all', options: { file_path: 'discard', hmac_accessor: 'false' } };
  await env.vault.request('PUT', 'sys/audit/central', device);
  const state = await readVaultState(env.vault);
  expect(state['sys/audit/central']).toEqual({ description: 'all', local: false, options: { hmac_accessor: 'false' } });
});

test('a token that may not read is refused by both', async () => {
  await using env = await startEnvironment({ consul: true });
  const nobody = { address: env.vault.address, token: 'nobody' };
  await expect(readVaultState(nobody)).rejects.toMatchObject({ code: 'permission_denied' });
  await expect(readConsulState({ address: env.consul.address, token: 'nobody' })).rejects.toMatchObject({
    code: 'permission_denied',
  });
});
