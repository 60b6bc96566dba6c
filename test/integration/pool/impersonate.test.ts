import { connectToPool, createPool, type Environment, type LeasingPool, type Pool } from 'vaultproof';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { requiresEngine, runOn } from '../../support/engines.js';

const github = 'https://token.actions.githubusercontent.com';
const gitlab = 'https://gitlab.com';

/** What is deployed: it names the vendor's own URL. */
const deployed = {
  resource: {
    vault_jwt_auth_backend: { ci: { path: 'ci', oidc_discovery_url: github, bound_issuer: github } },
    vault_jwt_auth_backend_role: {
      ci: {
        backend: `\${vault_jwt_auth_backend.ci.path}`,
        role_name: 'ci',
        role_type: 'jwt',
        user_claim: 'sub',
        bound_audiences: ['vault'],
      },
    },
  },
};
const login = { mount: 'ci', role: 'ci' };
const jobToken = (env: Environment): Promise<string> => env.issuer.sign({ iss: github, sub: 'job', aud: 'vault' });

let pool: Pool;
let connection: LeasingPool;

beforeAll(async () => {
  pool = await createPool({ size: 2, impersonate: [github] });
  connection = await connectToPool(await pool.listen());
});
afterAll(async () => {
  await connection?.stop();
  await pool?.stop();
});

describe.sequential.each([
  ['of this process', () => pool],
  ['over a connection', () => connection],
])('a lease %s', (_name, leasing) => {
  test("lets the vendor's tokens in, and those of no lease before it", async () => {
    const first = await leasing().lease();
    await first.applyJson(deployed);
    const token = await jobToken(first);
    await first.vault.login({ ...login, jwt: token });
    const { fetches } = await first.impersonate(github);
    const fetched = { ...fetches };
    const { address } = first.vault;
    await first.stop();

    let next = await leasing().lease();
    while (next.vault.address !== address) {
      await next.stop();
      next = await leasing().lease();
    }
    await using env = next;
    await env.applyJson(deployed);
    await env.vault.login({ ...login, jwt: await jobToken(env) });
    await expect(env.vault.login({ ...login, jwt: token })).rejects.toMatchObject({ code: 'unknown_key' });
    expect({ ...fetches }).toEqual(fetched);
  });

  test('sees nothing of another one at the same time that has the same vendor', async () => {
    await using one = await leasing().lease();
    await using other = await leasing().lease();
    await Promise.all([one, other].map((env) => env.applyJson(deployed)));
    const tokens = await Promise.all([one, other].map(jobToken));
    const refused = { code: 'unknown_key' };
    await one.vault.login({ ...login, jwt: String(tokens[0]) });
    await other.vault.login({ ...login, jwt: String(tokens[1]) });
    await expect(one.vault.login({ ...login, jwt: String(tokens[1]) })).rejects.toMatchObject(refused);
    await expect(other.vault.login({ ...login, jwt: String(tokens[0]) })).rejects.toMatchObject(refused);
  });

  test('reaches the vendors that it names, and no other host', async () => {
    await using env = await leasing().lease({ impersonate: [gitlab] });
    const unreachable = { code: 'host_not_impersonated', details: { host: new URL(github).host } };
    await expect(env.applyJson(deployed)).rejects.toMatchObject(unreachable);
    expect(env.proxy.refused).toMatchObject([{ server: 'vault', url: `${github}:443` }]);
    const configure = (url: string): Promise<unknown> =>
      env.vault.request('POST', 'auth/jwt/config', { oidc_discovery_url: url });
    await env.vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
    await configure(gitlab);
    await env.impersonate('https://idp.example');
    await configure('https://idp.example');
  });

  test('ends with its faults', async () => {
    const first = await leasing().lease();
    (await first.impersonate(github)).tlsFaults.set('expired-certificate');
    await expect(first.applyJson(deployed)).rejects.toMatchObject({ code: 'apply_failed' });
    await first.stop();
    await using one = await leasing().lease();
    await using other = await leasing().lease();
    for (const env of [one, other]) await env.applyJson(deployed);
  });

  test('impersonates no one where it says so', async () => {
    await using env = await leasing().lease({ impersonate: false });
    expect(() => env.proxy).toThrow(TypeError);
  });

  test('of a server of its own impersonates, too', async () => {
    await using env = await leasing().lease({ fresh: true });
    await env.applyJson(deployed);
    await env.vault.login({ ...login, jwt: await jobToken(env) });
  });

  test('with a URL that is invalid gives its server back', async () => {
    for (let count = 0; count < 3; count++) {
      const leased = leasing().lease({ impersonate: ['http://gitlab.com'], timeoutMs: 10_000 });
      await expect(leased).rejects.toMatchObject({ code: 'vendor_url_invalid' });
    }
    await expect(leasing().lease({ impersonate: gitlab as never })).rejects.toThrow(TypeError);
  });
});

test('a pool without vendors leases with them, too, and Consul trusts them as Vault does', async () => {
  const both = await createPool({ size: 1, consul: true });
  onTestFinished(() => both.stop());
  const plain = await both.lease();
  expect(() => plain.proxy).toThrow(TypeError);
  await plain.stop();
  for (let count = 0; count < 2; count++) {
    const env = await both.lease({ impersonate: [github] });
    await env.applyJson({
      resource: {
        consul_acl_auth_method: {
          ci: {
            name: 'ci',
            type: 'jwt',
            config_json: JSON.stringify({ OIDCDiscoveryURL: github, BoundAudiences: ['consul'] }),
          },
        },
        consul_acl_binding_rule: {
          ci: { auth_method: `\${consul_acl_auth_method.ci.name}`, bind_type: 'service', bind_name: 'ci' },
        },
      },
    });
    const jwt = await env.issuer.sign({ iss: github, sub: 'job', aud: 'consul' });
    await env.consul.login({ method: 'ci', jwt });
    expect(env.proxy.refused).toEqual([]);
    await env.stop();
  }
  expect(both.counts).toMatchObject({ vault: { booted: 2, leased: 3 }, consul: { booted: 2, leased: 3 } });
});

test.each([
  [{ impersonate: github }, '"impersonate" must be a list'],
  [{ caBundle: '/etc/ca.pem' }, '"caBundle" contains no certificate'],
])('%j is a mistake in the call', async (options, message) => {
  await expect(createPool(options as object)).rejects.toThrow(message);
});

test('CAs of a bundle are trusted besides', async () => {
  const tls = await generateTlsIdentity();
  const trusting = await createPool({ size: 1, impersonate: [], caBundle: tls.ca });
  onTestFinished(() => trusting.stop());
  await using env = await trusting.lease({ issuer: { tls } });
  await env.vault.request('POST', 'sys/auth/jwt', { type: 'jwt' });
  await env.vault.request('POST', 'auth/jwt/config', { jwks_url: env.issuer.jwksUrlFor(env.vault) });
});

describe('in containers', () => {
  beforeEach(requiresEngine('docker'));

  test('one lease after the other is answered by its own issuer', async () => {
    const inDocker = await createPool({ size: 1, vault: runOn('docker', 'vault'), impersonate: [github] });
    onTestFinished(() => inDocker.stop());
    for (let count = 0; count < 2; count++) {
      const env = await inDocker.lease();
      await env.applyJson(deployed);
      await env.vault.login({ ...login, jwt: await jobToken(env) });
      expect((await env.impersonate(github)).fetches.discovery).toBeGreaterThan(0);
      await env.stop();
    }
    expect(inDocker.counts.vault).toMatchObject({ booted: 1, leased: 2 });
  });
});
