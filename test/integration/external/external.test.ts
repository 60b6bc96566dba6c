import { inspect } from 'node:util';
import { type Environment, type ExternalVault, type StartedVault, startEnvironment, startVault } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { contentsOf } from '../../support/vault-contents.js';

let shared: StartedVault;
let external: ExternalVault;
let before: Readonly<Record<string, unknown>>;
beforeAll(async () => {
  shared = await startVault();
  const { cluster_name: clusterName } = await shared.request('GET', 'sys/health');
  external = { address: shared.address, token: shared.token, clusterName: String(clusterName) };
  // What others have there, by the names that the tests have, too.
  await shared.request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } });
  await shared.seed('kv/payments/db', { password: 'of others' });
  await shared.request('POST', 'sys/auth/jwt', { type: 'jwt' });
  await shared.request('PUT', 'sys/policies/acl/payments-read', { policy: 'path "kv/*" { capabilities = ["read"] }' });
  await shared.request('POST', 'identity/entity', { name: 'joe' });
}, 60_000);
afterAll(() => shared.stop());
beforeEach(async () => {
  before = await contentsOf(shared.request);
});

async function begin(): Promise<Environment> {
  const env = await startEnvironment({ vault: { external } });
  onTestFinished(() => env.stop());
  return env;
}

const roles = [
  {
    roleName: 'payments-ci',
    userClaim: 'sub',
    boundSubject: 'repo:acme/payments',
    boundAudiences: ['vault'],
    tokenPolicies: ['payments-read'],
  },
];
const policies = [{ name: 'payments-read', rules: [{ secrets: 'payments/*', access: ['read' as const] }] }];

test('a login is applied, tried and read as on a Vault that is started, beside what others have there', async () => {
  const env = await begin();
  await env.apply(
    (app) => new VaultJwtStack(app, 'login', { ...env.issuer.trustedBy(env.vault), roles, policies, kv: {} }),
  );
  await env.vault.seed('kv/payments/db', { password: 'correct horse' });

  const job = await env.issuer.sign({ sub: 'repo:acme/payments', aud: 'vault' });
  const session = await env.vault.login({ jwt: job, role: 'payments-ci' });
  expect(await session.read('kv/payments/db')).toEqual({ password: 'correct horse' });
  expect(session.policies).toEqual(['default', 'payments-read']);
  await expect(session.read('kv/site')).rejects.toMatchObject({
    code: 'permission_denied',
    details: { policies: ['default', 'payments-read'] },
  });
  const fork = await env.issuer.sign({ sub: 'repo:mallory/payments', aud: 'vault' });
  await expect(env.vault.login({ jwt: fork, role: 'payments-ci' })).rejects.toMatchObject({
    code: 'subject_mismatch',
    expected: 'repo:acme/payments',
  });

  expect(await shared.root.read('kv/payments/db')).toEqual({ password: 'of others' });
  expect(Object.keys(Object(before['sys/auth']))).toEqual(['jwt/', 'token/']);
  await env.stop();
  expect(await contentsOf(shared.request)).toEqual(before);
});

test('people log in by a browser at an auth method of the run', async () => {
  const env = await begin();
  await env.applyJson({
    resource: {
      vault_jwt_auth_backend: {
        people: {
          path: 'oidc',
          type: 'oidc',
          oidc_discovery_url: env.issuer.discoveryUrlFor(env.vault),
          oidc_client_id: 'vault',
          oidc_client_secret: 'x',
        },
      },
      vault_jwt_auth_backend_role: {
        staff: {
          backend: `\${vault_jwt_auth_backend.people.path}`,
          role_name: 'staff',
          user_claim: 'sub',
          bound_claims: { groups: 'staff' },
          allowed_redirect_uris: ['http://localhost:8250/oidc/callback'],
        },
      },
    },
  });
  const loginAs = (groups: string, role = 'staff') =>
    env.vault.loginWithOidc({ role, signIn: (authUrl) => env.issuer.signIn(authUrl, { sub: 'ada', groups }) });
  expect((await loginAs('staff')).role).toBe('staff');
  await expect(loginAs('guests')).rejects.toMatchObject({ code: 'claim_mismatch', expected: ['staff'] });
  await expect(loginAs('staff', 'absent')).rejects.toMatchObject({ code: 'role_not_found', expected: ['staff'] });
  await env.stop();
  expect(await contentsOf(shared.request)).toEqual(before);
});

test('a run sees what it has made, and what others have made not', async () => {
  const env = await begin();
  const { request } = env.vault;
  expect(Object.keys(Object((await request('GET', 'sys/mounts'))['data'])).sort()).toEqual([
    'cubbyhole/',
    'identity/',
    'sys/',
  ]);
  expect(await request('LIST', 'sys/policies/acl')).toMatchObject({ data: { keys: ['default', 'root'] } });
  expect(await request('LIST', 'identity/entity/id')).toMatchObject({ data: { keys: [] } });
  await expect(request('GET', 'sys/auth/jwt')).rejects.toMatchObject({ code: 'request_refused' });
  await expect(env.vault.root.read('kv/payments/db')).rejects.toMatchObject({
    code: 'mount_not_found',
    details: { mounts: [] },
  });
  await request('POST', 'sys/auth/jwt', { type: 'jwt' });
  expect(await request('GET', 'sys/auth/jwt')).toMatchObject({ data: { type: 'jwt' } });
});

test('identities, tokens, aliases and what was mounted by hand are gone, and so are those whose method is', async () => {
  const env = await begin();
  const { request } = env.vault;
  await request('POST', 'sys/auth/jwt', { type: 'jwt' });
  await request('POST', 'auth/jwt/config', { jwks_url: env.issuer.jwksUrlFor(env.vault) });
  await request('POST', 'auth/jwt/role/ci', { role_type: 'jwt', user_claim: 'sub', bound_subject: 'ci' });
  const { data: method } = await request('GET', 'sys/auth/jwt');
  const { accessor } = method as { accessor: string };
  const { data: entity } = await request('POST', 'identity/entity', { name: 'joe', policies: ['app'] });
  const { id } = entity as { id: string };
  await request('POST', 'identity/entity-alias', { name: 'joe', canonical_id: id, mount_accessor: accessor });
  const { data: group } = await request('POST', 'identity/group', { name: 'ops', type: 'external' });
  const { id: groupId } = group as { id: string };
  await request('POST', 'identity/group-alias', { name: 'ops', canonical_id: groupId, mount_accessor: accessor });
  expect(await request('GET', 'identity/entity/name/joe')).toMatchObject({
    data: { id, name: 'joe', policies: ['app'] },
  });
  await request('POST', 'auth/token/roles/ci', { allowed_policies: ['app'] });
  await request('POST', 'auth/token/create/ci', { policies: ['app'] });
  await env.vault.login({ jwt: await env.issuer.sign({ sub: 'ci', aud: null }), role: 'ci' });
  await request('DELETE', 'sys/auth/jwt');

  await env.stop();
  expect(await contentsOf(shared.request)).toEqual(before);
});

test('a run whose own token was revoked is removed, too', async () => {
  const env = await begin();
  await env.vault.request('POST', 'sys/mounts/kv', { type: 'kv' });
  await env.vault.request('POST', 'auth/token/revoke-self');
  await env.stop();
  expect(await contentsOf(shared.request)).toEqual(before);
});

test('a declaration that changes what all share is refused before anything is written', async () => {
  const env = await begin();
  const begun = await contentsOf(shared.request);
  const resource = (type: string, attributes: object) => ({
    resource: {
      vault_mount: { kv: { path: 'kv', type: 'kv' } },
      [type]: { other: { ...attributes, depends_on: ['vault_mount.kv'] } },
    },
  });
  for (const [type, attributes] of [
    ['vault_generic_endpoint', { path: 'sys/quotas/rate-limit/all', data_json: '{"rate":1}' }],
    ['vault_generic_endpoint', { path: 'sys/config/cors', data_json: '{"enabled":false}' }],
    ['vault_policy', { name: 'admin', policy: 'path "*" { capabilities = ["sudo"] }' }],
    ['vault_namespace', { path: 'team' }],
    ['vault_auth_backend', { type: 'approle', namespace: 'team' }],
  ] as const) {
    await expect(env.applyJson(resource(type, attributes))).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:outside_of_run|unsupported_by_server)$/),
    });
  }
  await expect(env.vault.request('POST', 'sys/seal')).rejects.toMatchObject({ code: 'outside_of_run' });
  await expect(env.vault.login({ jwt: 'x', role: 'ci', namespace: 'team' })).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:outside_of_run|unsupported_by_server)$/),
  });
  expect(await contentsOf(shared.request)).toEqual(begun);
});

test('Terraform, which would write past the run, is refused', async () => {
  const env = await begin();
  const refused = expect.objectContaining({ code: 'outside_of_run' });
  expect(() => env.terraform).toThrow(refused);
  await expect(env.apply(() => {}, { provisioner: 'terraform' })).rejects.toEqual(refused);
  await expect(env.applyTerraform('.', { provisioner: 'terraform' })).rejects.toEqual(refused);
});

test('a token of the run can change nothing that others have', async () => {
  const env = await begin();
  const headers = { 'x-vault-token': env.vault.token };
  for (const [method, path] of [
    ['DELETE', 'sys/mounts/kv'],
    ['GET', 'kv/data/payments/db'],
    ['PUT', 'sys/policies/acl/payments-read'],
    ['POST', 'auth/jwt/config'],
    ['POST', 'sys/quotas/rate-limit/all'],
    ['POST', 'auth/token/create-orphan'],
  ] as const) {
    const answer = await fetch(`${shared.address}/v1/${path}`, {
      method,
      headers,
      ...(method === 'GET' ? {} : { body: '{}' }),
    });
    expect([path, answer.status]).toEqual([path, 403]);
  }
});

test('nothing is done at a Vault that is another cluster', async () => {
  const wrong = startEnvironment({ vault: { external: { ...external, clusterName: 'vault-test' } } });
  await expect(wrong).rejects.toMatchObject({
    code: 'cluster_mismatch',
    message: expect.stringContaining(`"${external.clusterName}"`),
    details: { expected: 'vault-test', found: external.clusterName },
  });
  await expect(wrong).rejects.toThrow('"vault-test"');
  expect(await contentsOf(shared.request)).toEqual(before);
});

test.each(['address', 'token', 'clusterName'])('the option "%s" is needed', async (name) => {
  await expect(startEnvironment({ vault: { external: { ...external, [name]: '' } } })).rejects.toThrow(TypeError);
});

test('a token that may not make one is refused, and an address where nothing answers', async () => {
  const refused = startEnvironment({ vault: { external: { ...external, token: 'guessed' } } });
  await expect(refused).rejects.toMatchObject({ code: 'permission_denied' });
  await expect(refused).rejects.not.toThrow('guessed');
  const nowhere = startEnvironment({ vault: { external: { ...external, address: 'http://127.0.0.1:9' } } });
  await expect(nowhere).rejects.toMatchObject({ code: 'request_failed' });
});

test('what is for servers that are started is refused', async () => {
  await expect(startEnvironment({ vault: { external }, impersonate: [] })).rejects.toThrow(TypeError);
});

test('no token is printed', async () => {
  const env = await begin();
  const printed = [inspect(env), inspect(env.vault), JSON.stringify(env.vault), await env.vault.logTail()].join('\n');
  expect(env.vault.token).not.toBe(external.token);
  expect(printed).not.toContain(external.token);
  expect(printed).not.toContain(env.vault.token);
});
