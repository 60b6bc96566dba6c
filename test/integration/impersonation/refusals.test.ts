import { startEnvironment } from 'vaultproof';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';

const github = 'https://token.actions.githubusercontent.com';

const backend = (config: object): object => ({
  resource: { vault_jwt_auth_backend: { jwt: { path: 'jwt', ...config } } },
});
const method = (config: object): object => ({
  resource: {
    consul_acl_auth_method: { jwt: { name: 'jwt', type: 'jwt', config_json: JSON.stringify(config) } },
  },
});

test.override({ fileServices: { vault: true, consul: true, impersonate: [] } });

describe('with servers that reach no other host', () => {
  test.for([
    ['oidc_discovery_url', backend({ oidc_discovery_url: 'https://idp.example' }), 'vault'],
    ['jwks_url', backend({ jwks_url: 'https://idp.example/keys' }), 'vault'],
    ['OIDCDiscoveryURL', method({ OIDCDiscoveryURL: 'https://idp.example' }), 'consul'],
    ['JWKSURL', method({ JWKSURL: 'https://idp.example/keys' }), 'consul'],
  ] as const)('an apply that needs another host by %s says which', async ([, json, server], { fileEnv: env }) => {
    await expect(env.applyJson(json)).rejects.toMatchObject({
      code: 'host_not_impersonated',
      message: expect.stringContaining('no issuer answers for "idp.example"'),
      details: { host: 'idp.example' },
    });
    expect(env.proxy.refused).toContainEqual({ server, url: 'https://idp.example:443' });
  });

  test('a host that is named later is answered for', async ({ fileEnv: env }) => {
    const issuer = await env.impersonate('https://idp.example');
    await env.applyJson(backend({ oidc_discovery_url: 'https://idp.example' }));
    expect(issuer.fetches.discovery).toBeGreaterThan(0);
  });

  test('a path without a document is refused and recorded', async ({ fileEnv: env }) => {
    await env.impersonate(github);
    await expect(env.applyJson(backend({ jwks_url: `${github}/keys` }))).rejects.toThrow(
      'is neither the discovery document nor the key set of this issuer',
    );
    expect(env.proxy.refused).toContainEqual({ server: 'vault', url: `${github}/keys` });
  });

  test('a key set without TLS is refused, too', async ({ fileEnv: env }) => {
    await expect(env.applyJson(backend({ jwks_url: 'http://idp.example/keys' }))).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:apply_failed|host_not_impersonated)$/),
    });
    expect(env.proxy.refused).toContainEqual({ server: 'vault', url: 'http://idp.example/keys' });
  });

  test.for([
    ['jwks_ca_pem', backend, { jwks_url: `${github}/.well-known/jwks` }],
    ['oidc_discovery_ca_pem', backend, { oidc_discovery_url: github }],
    ['JWKSCACert', method, { JWKSURL: `${github}/.well-known/jwks` }],
    ['OIDCDiscoveryCACert', method, { OIDCDiscoveryURL: github }],
  ] as const)(
    "a configuration that pins the vendor's own CA by %s says so",
    async ([argument, json, source], { fileEnv: env }) => {
      await env.impersonate(github);
      const { ca } = await generateTlsIdentity();
      await expect(env.applyJson(json({ ...source, [argument]: ca }))).rejects.toMatchObject({
        code: 'vendor_ca_pinned',
        details: { argument },
      });
      await env.applyJson(json({ ...source, [argument]: env.proxy.caPem }));
    },
  );

  test('a second issuer of a host is refused, the same URL gives its issuer back', async ({ fileEnv: env }) => {
    const first = await env.impersonate('https://gitlab.com');
    expect(await env.impersonate('https://gitlab.com')).toBe(first);
    const details = { host: 'gitlab.com', taken: 'https://gitlab.com' };
    await expect(env.impersonate('https://gitlab.com/group')).rejects.toMatchObject({
      code: 'vendor_host_taken',
      details,
    });
    await expect(env.impersonate('https://gitlab.com', { algorithms: ['ES256'] })).rejects.toMatchObject({
      code: 'vendor_host_taken',
    });
  });
});

test('CAs of a bundle are trusted besides', async () => {
  const tls = await generateTlsIdentity();
  for (const caBundle of [undefined, tls.ca]) {
    await using env = await startEnvironment({ impersonate: [], ...(caBundle && { caBundle }), issuer: { tls } });
    const applied = env.applyJson(backend({ jwks_url: env.issuer.jwksUrlFor(env.vault) }));
    await (caBundle === undefined
      ? expect(applied).rejects.toThrow('x509: certificate signed by unknown authority')
      : applied);
  }
});

test('an environment that impersonates nobody says how to start one that does', async () => {
  await using env = await startEnvironment({ vault: false });
  await expect(env.impersonate(github)).rejects.toThrow(TypeError);
  expect(() => env.proxy).toThrow('start it with { impersonate: [] }');
});

test.each([
  [{ impersonate: github }, '"impersonate" must be a list'],
  [{ caBundle: 'x' }, '"caBundle" needs "impersonate"'],
  [{ impersonate: [], caBundle: '/etc/ca.pem' }, '"caBundle" contains no certificate'],
])('%j is a mistake in the call', async (options, message) => {
  await expect(startEnvironment({ vault: false, ...(options as object) })).rejects.toThrow(message);
});

test('a URL that is invalid stops the environment before it is there', async () => {
  const started = startEnvironment({ impersonate: ['http://gitlab.com'] });
  await expect(started).rejects.toMatchObject({ code: 'vendor_url_invalid' });
});
