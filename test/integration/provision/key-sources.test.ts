import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Environment } from 'vaultproof';
import { startIssuer } from 'vaultproof/issuer';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { VaultJwtStack, type VaultJwtStackProps } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { requiresOfVault } from '../../support/vault-of-tests.js';

test.override({ fileServices: { vault: true, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

// What is none of the documents that a server looks for.
const web = createServer((_request, response) => {
  response.writeHead(404, { 'Content-Type': 'text/html' }).end('<html>nothing\n"here" http://user:canary@x/</html>');
});
let wrong = '';
let https: Awaited<ReturnType<typeof startIssuer>>;

beforeAll(async () => {
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  wrong = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  https = await startIssuer({ tls: await generateTlsIdentity() });
});

afterAll(async () => {
  web.close();
  await https.stop();
});

const nobody = 'http://idp.invalid';
const jwt = (attributes: object) => env.applyJson({ resource: { vault_jwt_auth_backend: { jwt: attributes } } });

describe('why Vault could not fetch the keys is in the error', () => {
  test.each([
    ['a host that is not known', () => ({ jwks_url: `${nobody}/jwks` }), /lookup idp\.invalid/],
    ['a page', () => ({ jwks_url: wrong }), /404 Not Found/],
    ['an unknown CA', () => ({ jwks_url: https.jwksUrl }), /certificate signed by unknown authority/],
    ['what is no CA', () => ({ jwks_url: https.jwksUrl, jwks_ca_pem: 'x' }), /could not parse CA PEM/],
    ['discovery at an unknown host', () => ({ oidc_discovery_url: nobody }), /lookup idp\.invalid/],
    ['discovery of a page', () => ({ oidc_discovery_url: wrong }), /404 Not Found/],
    ['discovery with an unknown CA', () => ({ oidc_discovery_url: https.url }), /signed by unknown authority/],
    [
      'another issuer',
      () => ({ oidc_discovery_url: env.issuer.url.replace('127.0.0.1', 'localhost') }),
      /issuer did not match the returned issuer, expected "http:\/\/localhost:\d+" got "http:\/\/127\.0\.0\.1:\d+"/,
    ],
    ['an OIDC method', () => ({ type: 'oidc', path: 'oidc', oidc_discovery_url: nobody }), /lookup idp\.invalid/],
  ])('%s', async (_what, attributes, cause) => {
    await expect(jwt(attributes())).rejects.toMatchObject({
      code: 'apply_failed',
      message: expect.stringMatching(cause),
      details: { constructPath: 'vault_jwt_auth_backend.jwt' },
    });
    const words = String(await jwt(attributes()).catch((error: unknown) => error));
    expect(words).not.toContain('canary');
    // OpenBao says some causes itself.
    expect(words.match(new RegExp(cause.source, 'g'))).toHaveLength(1);
  });

  describe('of several key sets', () => {
    beforeEach(requiresOfVault('jwks_pairs'));

    test('it is that of the first that fails', async () => {
      const pairs = [{ jwks_url: env.issuer.jwksUrlFor(env.vault) }, { jwks_url: wrong }];
      await expect(jwt({ jwks_pairs: pairs })).rejects.toThrow('404 Not Found');
    });
  });

  test('for a request of one’s own, too', async () => {
    await env.vault.request('POST', 'sys/auth/own', { type: 'jwt' });
    await expect(env.vault.request('POST', 'auth/own/config', { jwks_url: wrong })).rejects.toMatchObject({
      code: 'request_refused',
      details: { status: 400, logged: expect.stringContaining('404 Not Found') },
    });
  });

  test('each its own, where two fail side by side', async () => {
    const error = async (attributes: object): Promise<string> =>
      jwt({ ...attributes }).then(
        () => '',
        (reason: unknown) => String(reason),
      );
    const [one, two] = await Promise.all([
      env.vault.request('POST', 'sys/auth/one', { type: 'jwt' }),
      error({ path: 'two', oidc_discovery_url: wrong }),
    ]);
    expect([one, two]).toEqual([{}, expect.stringContaining('404 Not Found')]);
    const answers = await Promise.allSettled([
      env.vault.request('POST', 'auth/one/config', { jwks_url: `${nobody}/jwks` }),
      error({ path: 'two', oidc_discovery_url: wrong }),
    ]);
    expect(answers).toMatchObject([
      { reason: { details: { logged: expect.stringContaining('lookup idp.invalid') } } },
      { value: expect.stringContaining('404 Not Found') },
    ]);
  });
});

describe('what to do in a test', () => {
  const roles: VaultJwtStackProps['roles'] = [
    { roleName: 'r', boundSubject: 's', boundAudiences: ['a'], tokenPolicies: ['default'] },
  ];

  test('where a vendor’s key set is out of reach is said', async () => {
    const stack = env.apply(
      (app) =>
        new VaultJwtStack(app, 'vendor', {
          oidcDiscoveryUrl: 'https://token.actions.githubusercontent.invalid',
          boundIssuer: 'https://token.actions.githubusercontent.invalid',
          roles,
        }),
    );
    await expect(stack).rejects.toThrow('in a test, give `jwksUrl: env.issuer.jwksUrlFor(env.vault)`');
  });

  test('is said for Consul, too', async () => {
    const config_json = JSON.stringify({ JWKSURL: 'https://idp.invalid/jwks' });
    const json = { resource: { consul_acl_auth_method: { jwt: { name: 'jwt', type: 'jwt', config_json } } } };
    await expect(env.applyJson(json)).rejects.toThrow(
      /lookup idp\.invalid.*in a test, give `jwksUrl: env\.issuer\.jwksUrlFor\(env\.consul\)`/s,
    );
  });

  test('is another thing where this host has no such issuer', async () => {
    await expect(jwt({ oidc_discovery_url: 'http://127.0.0.1:9' })).rejects.toThrow(
      /connection refused.*give `oidcDiscoveryUrl: env\.issuer\.discoveryUrlFor\(env\.vault\)`/s,
    );
  });
});
