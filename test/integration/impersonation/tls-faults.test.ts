import { type Environment, startEnvironment, type VendorIssuer } from 'vaultproof';
import { gitlab } from 'vaultproof/issuer/presets';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { consulGitlabCi } from 'vaultproof/stacks/presets/consul-gitlab-ci';
import { gitlabCi, gitlabCiRole } from 'vaultproof/stacks/presets/gitlab-ci';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const url = 'https://gitlab.com';
const audience = 'https://vault.acme.example';
const job = gitlab({ project: 'acme/app', projectId: '20', refProtected: true, audience });
const role = gitlabCiRole({ roleName: 'ci', projectId: '20', ref: 'main', audience, tokenPolicies: ['default'] });
const rules = [{ projectId: '20', ref: 'main', bindType: 'service', bindName: 'app' }] as const;

let env: Environment;
let vendor: VendorIssuer;

beforeAll(async () => {
  env = await startEnvironment({ consul: true, impersonate: [url] });
  vendor = await env.impersonate(url);
  await env.apply((app) => {
    new VaultJwtStack(app, 'vault', { ...gitlabCi(), roles: [role] });
    new ConsulJwtStack(app, 'consul', consulGitlabCi({ audience, rules }));
  });
});
afterAll(() => env?.stop());
afterEach(() => vendor.tlsFaults.clear());

const faults = [
  ['expired-certificate', 'certificate has expired or is not yet valid'],
  ['early-certificate', 'certificate has expired or is not yet valid'],
  ['other-host', 'certificate is valid for elsewhere.example, not gitlab.com'],
  ['unknown-ca', 'certificate signed by unknown authority'],
  ['self-signed', 'certificate signed by unknown authority'],
  ['old-protocol', 'tls: protocol version not supported'],
  ['cut-handshake', 'EOF'],
  ['plain-http', 'server gave HTTP response to HTTPS client'],
] as const;

test.each(faults)(
  "under %s of the vendor's host no server fetches a new key, until it is over",
  async (fault, words) => {
    await vendor.keys.rotate({ alg: 'RS256' });
    const jwt = await env.issuer.sign(job);
    vendor.tlsFaults.set(fault);
    await expect(env.vault.login({ jwt })).rejects.toMatchObject({ code: 'key_set_unavailable' });
    await expect(env.consul.login({ jwt, method: 'gitlab-ci' })).rejects.toMatchObject({
      code: 'key_set_unavailable',
      serverMessage: expect.stringContaining(words),
    });

    vendor.tlsFaults.clear();
    await env.vault.login({ jwt });
    await env.consul.login({ jwt, method: 'gitlab-ci' });
    expect(env.proxy.refused).toEqual([]);
  },
);

test.each(faults)(
  'under %s a login with discovery is not applied, and the error has the words of the server',
  async (fault, words) => {
    vendor.tlsFaults.set(fault);
    const jwt = { path: 'other', oidc_discovery_url: url };
    await expect(env.applyJson({ resource: { vault_jwt_auth_backend: { jwt } } }, 'other')).rejects.toMatchObject({
      code: 'apply_failed',
      message: expect.stringContaining(words),
    });
  },
);

test('a vendor is faulty from the start where its set-up says so, and others are not', async () => {
  const faulty = await env.impersonate('https://app.terraform.io', { tlsFault: 'expired-certificate' });
  expect(faulty.tlsFaults.get()).toBe('expired-certificate');
  expect(vendor.tlsFaults.get()).toBeUndefined();
  const config = (oidc_discovery_url: string) => ({
    resource: { vault_jwt_auth_backend: { jwt: { path: 'set-up', oidc_discovery_url } } },
  });
  await expect(env.applyJson(config(faulty.url), 'set-up')).rejects.toThrow('certificate has expired');
  await env.applyJson(config(url), 'set-up');
});

test('a fault that does not exist is a mistake in the call', () => {
  expect(() => vendor.tlsFaults.set('expired' as 'self-signed')).toThrow('unknown TLS fault "expired"');
});
