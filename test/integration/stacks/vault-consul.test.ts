import { inspect } from 'node:util';
import { type ConsulApi, type Environment, readVaultState, type VaultSession } from 'vaultproof';
import { lint } from 'vaultproof/lint';
import { VaultConsulStack, type VaultConsulStackProps } from 'vaultproof/stacks/vault-consul';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, beforeEach, describe, vi } from 'vitest';
import { synthesise } from '../../../harness/provision/synth.js';
import { startUnbootstrappedConsul } from '../../support/unbootstrapped-consul.js';
import { lackOfVault, requiresOfVault } from '../../support/vault-of-tests.js';

test.override({ fileServices: { consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

const props: VaultConsulStackProps = {
  policies: [{ name: 'app-reader', rules: 'key_prefix "app/" { policy = "read" }' }],
  roles: [
    { name: 'app', consulPolicies: ['app-reader'] },
    { name: 'short', consulPolicies: ['app-reader'], ttl: 1 },
    { name: 'by-role', consulRoles: ['ops'] },
    {
      name: 'identities',
      serviceIdentities: [{ serviceName: 'web' }, { serviceName: 'api', datacenters: ['dc1', 'dc2'] }],
      nodeIdentities: [{ nodeName: 'n1', datacenter: 'dc1' }],
    },
  ],
};

beforeEach(requiresOfVault('secret/consul'));
beforeAll(async () => {
  if (lackOfVault('secret/consul')) return;
  const { issuer, vault, consul } = env;
  const role = { boundSubject: 'vishpat', tokenPolicies: ['creds'] };
  await env.apply((app) => {
    new VaultConsulStack(app, 'tokens', props);
    new VaultJwtStack(app, 'login', {
      kv: {},
      jwksUrl: issuer.jwksUrlFor(vault),
      boundIssuer: issuer.url,
      roles: [
        { roleName: 'service', ...role },
        { roleName: 'batch', ...role, tokenType: 'batch', tokenTtl: 2, tokenMaxTtl: 2 },
      ],
      policies: [{ name: 'creds', rules: [{ path: 'consul/creds/*', capabilities: ['read'] }] }],
    });
  });
  await vault.configureConsulAccess(consul);
  await consul.request('PUT', 'acl/role', { Name: 'ops', Policies: [{ Name: 'app-reader' }] });
  await consul.kv.write('app/colour', 'green');
  await consul.kv.write('other', 'secret');
});

async function login(role = 'service'): Promise<VaultSession> {
  return env.vault.login({ jwt: await env.issuer.sign({ sub: 'vishpat', aud: null }), role });
}

/** Resolves once Consul knows the token no more. */
function dead({ token }: ConsulApi): Promise<void> {
  return vi.waitFor(() => expect(env.consul.session(token)).rejects.toMatchObject({ code: 'permission_denied' }), {
    timeout: 15_000,
  });
}

describe('a consul token of vault’s', () => {
  test('reads what its policy allows, and nothing else', async () => {
    const session = await login();
    const lease = await session.lease('consul/creds/app');
    expect(lease).toMatchObject({ ttlSeconds: 900, renewable: true });
    const app = await env.consul.session(lease);
    expect(app).toMatchObject({ policies: ['app-reader'], accessorId: lease.data['accessor'], authMethod: '' });
    expect(app.description).toMatch(/^Vault app jwt-vishpat \d+$/);
    expect(await app.kv.read('app/colour')).toBe('green');
    await expect(app.kv.read('other')).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(app.kv.write('app/colour', 'red')).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(app.request('GET', 'acl/tokens')).rejects.toMatchObject({ code: 'permission_denied' });
  });

  test('has the role of its role', async () => {
    const session = await login();
    expect(await env.consul.session(await session.lease('consul/creds/by-role'))).toMatchObject({ roles: ['ops'] });
  });

  test('has the identities of its role', async () => {
    const session = await login();
    const app = await env.consul.session(await session.lease('consul/creds/identities'));
    // Consul keeps them in no order.
    expect(app.serviceIdentities.toSorted((a, b) => (a.serviceName < b.serviceName ? -1 : 1))).toEqual([
      { serviceName: 'api', datacenters: ['dc1', 'dc2'] },
      { serviceName: 'web', datacenters: [] },
    ]);
    expect(app.nodeIdentities).toEqual([{ nodeName: 'n1', datacenter: 'dc1' }]);
  });

  test('is dead once its lease is revoked, while the login and its other tokens live on', async () => {
    const session = await login();
    const lease = await session.lease('consul/creds/app');
    const [revoked, other] = [
      await env.consul.session(lease),
      await env.consul.session(await session.lease('consul/creds/app')),
    ];
    await env.vault.request('PUT', 'sys/leases/revoke', { lease_id: lease.leaseId, sync: true });
    await expect(revoked.kv.read('app/colour')).rejects.toMatchObject({ code: 'permission_denied' });
    expect(await other.kv.read('app/colour')).toBe('green');
  });

  test('is dead once the time of its lease is over', async () => {
    const session = await login();
    const lease = await session.lease('consul/creds/short');
    expect(lease.ttlSeconds).toBe(1);
    await dead(await env.consul.session(lease));
  });

  test('is dead once the login is logged out', async () => {
    const session = await login();
    const app = await env.consul.session(await session.lease('consul/creds/app'));
    await session.logout();
    await session.logout();
    await dead(app);
    await expect(session.lease('consul/creds/app')).rejects.toMatchObject({ code: 'permission_denied' });
  });

  test('of a batch token has no longer lease than that, which nobody can revoke', async () => {
    const session = await login('batch');
    const lease = await session.lease('consul/creds/app');
    expect(lease.ttlSeconds).toBeLessThanOrEqual(2);
    const app = await env.consul.session(lease);
    await expect(session.logout()).rejects.toMatchObject({ code: 'request_refused' });
    expect(await app.kv.read('app/colour')).toBe('green');
    await dead(app);
  });
});

describe('a lease', () => {
  test('of an unknown role is refused with vault’s words', async () => {
    const session = await login();
    await expect(session.lease('consul/creds/nobody')).rejects.toMatchObject({
      code: 'request_refused',
      details: { errors: ['role "nobody" not found'] },
    });
  });

  test('at a path that makes none is a TypeError', async () => {
    await env.vault.request('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
    await env.vault.seed('secret/app', { username: 'X' });
    await expect(env.vault.root.lease('secret/data/app')).rejects.toThrow(
      new TypeError('"secret/data/app" returns no lease: use "read"'),
    );
  });

  test('without a token makes no session at consul', async () => {
    const lease = { leaseId: 'x', ttlSeconds: 1, renewable: false, data: { username: 'X' } };
    await expect(env.consul.session(lease)).rejects.toThrow(TypeError);
  });
});

describe("the engine's own token", () => {
  test('is in no synthesised JSON, which lints find nothing in, and in no state that is read back', async () => {
    const [stack] = await synthesise((app) => new VaultConsulStack(app, 'tokens', props));
    expect(lint(stack?.json)).toEqual([]);
    expect(JSON.stringify(stack?.json)).not.toMatch(/"token(?:_wo)?"/);
    expect((await readVaultState(env.vault))['consul/config/access']).toEqual({
      address: new URL(await env.consul.addressFor(env.vault)).host,
      scheme: 'http',
    });
  });

  test('is in no error of an engine that is not there', async () => {
    const failed = await env.vault
      .configureConsulAccess(env.consul, { mount: 'nowhere' })
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'request_refused', details: { path: 'nowhere/config/access', status: 404 } });
    expect(inspect(failed, { depth: 9 })).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });

  test('is refused where there is no policy for it', async () => {
    await expect(env.vault.configureConsulAccess(env.consul, { policy: 'nobody' })).rejects.toMatchObject({
      code: 'request_refused',
      message: expect.stringContaining('apply VaultConsulStack first'),
    });
  });

  test.each([
    ['acl = "read"', 'permission_denied'],
    ['key_prefix "" { policy = "write" } operator = "write"', 'permission_denied'],
  ])('makes no token with %s', async (Rules) => {
    await env.vault.request('POST', 'sys/mounts/less', { type: 'consul' });
    try {
      await env.consul.request('PUT', 'acl/policy', { Name: 'less', Rules });
      await env.vault.configureConsulAccess(env.consul, { mount: 'less', policy: 'less' });
      await env.vault.request('POST', 'less/roles/app', { consul_policies: ['app-reader'] });
      await expect(env.vault.root.lease('less/creds/app')).rejects.toMatchObject({
        code: 'request_refused',
        details: { errors: [expect.stringContaining("lacks permission 'acl:write'")] },
      });
    } finally {
      await env.vault.request('DELETE', 'sys/mounts/less');
      const { ID } = (await env.consul.request('GET', 'acl/policy/name/less')) as { readonly ID: string };
      await env.consul.request('DELETE', `acl/policy/${ID}`);
    }
  });

  test('is made by vault alone where nobody has bootstrapped consul’s ACLs', async () => {
    const fresh = await startUnbootstrappedConsul(env.vault);
    try {
      const { address } = fresh;
      const roles = [{ name: 'everything', consulPolicies: ['global-management'] }] as const;
      await env.apply(
        (app) => new VaultConsulStack(app, 'fresh', { path: 'fresh', access: 'bootstrap', address, roles }),
      );
      const { data } = await env.vault.root.lease('fresh/creds/everything');
      expect(data).toMatchObject({ token: expect.stringMatching(/^[0-9a-f-]{36}$/) });
      await env.vault.request('PUT', 'sys/leases/revoke-prefix/fresh');
      await env.vault.request('DELETE', 'sys/mounts/fresh');
    } finally {
      await fresh.stop();
    }
  });
});
