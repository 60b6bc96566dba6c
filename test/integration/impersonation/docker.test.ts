import { type Environment, startEnvironment } from 'vaultproof';
import { gitlab } from 'vaultproof/issuer/presets';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { consulGitlabCi } from 'vaultproof/stacks/presets/consul-gitlab-ci';
import { gitlabCi, gitlabCiRole } from 'vaultproof/stacks/presets/gitlab-ci';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { requiresEngine, runOn } from '../../support/engines.js';

const url = 'https://gitlab.com';
const audience = 'https://vault.acme.example';
const job = { project: 'acme/app', projectId: '20', audience };
const stranger = { ...job, projectId: '21' };

describe('in containers', () => {
  let env: Environment;
  // Not before all of them, where nothing would be skipped.
  beforeEach(async (context) => {
    await requiresEngine('docker')(context);
    env ??= await startEnvironment({
      vault: runOn('docker', 'vault'),
      consul: runOn('docker', 'consul'),
      impersonate: [url],
    });
  });
  afterAll(() => env?.stop());

  test.each(['keys', 'discovery'])("Vault logs in with the vendor's own URLs, by %s", async (path) => {
    const { jwksUrl, ...backend } = gitlabCi();
    const source = path === 'keys' ? { jwksUrl } : { oidcDiscoveryUrl: url };
    const role = gitlabCiRole({ roleName: 'ci', projectId: '20', ref: 'main', audience, tokenPolicies: ['default'] });
    await env.apply((app) => new VaultJwtStack(app, path, { ...backend, ...source, path, roles: [role] }));
    await env.vault.login({ jwt: await env.issuer.sign(gitlab(job)), mount: path });
    const refused = env.vault.login({ jwt: await env.issuer.sign(gitlab(stranger)), mount: path });
    await expect(refused).rejects.toMatchObject({ code: 'claim_mismatch', claim: 'project_id' });
  });

  test.each(['keys', 'discovery'])("Consul logs in with the vendor's own URLs, by %s", async (name) => {
    const rules = [{ projectId: '20', ref: 'main', bindType: 'service', bindName: 'app' }] as const;
    const { jwksUrl, boundIssuer, ...method } = consulGitlabCi({ audience, rules });
    const source = name === 'keys' ? { jwksUrl, boundIssuer } : { oidcDiscoveryUrl: url };
    await env.apply((app) => new ConsulJwtStack(app, `consul-${name}`, { ...method, ...source, name }));
    await env.consul.login({ jwt: await env.issuer.sign(gitlab(job)), method: name });
    const refused = env.consul.login({ jwt: await env.issuer.sign(gitlab(stranger)), method: name });
    await expect(refused).rejects.toMatchObject({ code: 'no_binding_rule_matched' });
  });

  test("a vendor's host has TLS faults there, too", async () => {
    const { tlsFaults } = await env.impersonate(url);
    tlsFaults.set('expired-certificate');
    const jwt = { path: 'faulty', oidc_discovery_url: url };
    const applied = env.applyJson({ resource: { vault_jwt_auth_backend: { jwt } } }, 'faulty');
    await expect(applied).rejects.toThrow('certificate has expired or is not yet valid');
    tlsFaults.clear();
    await env.applyJson({ resource: { vault_jwt_auth_backend: { jwt } } }, 'faulty');
  });

  test("the issuer's own URL is reached without the proxy", async () => {
    const jwt = { path: 'own', jwks_url: env.issuer.jwksUrlFor(env.vault) };
    await env.applyJson({ resource: { vault_jwt_auth_backend: { jwt } } }, 'own');
  });

  test('another host is refused, and recorded with the server that wanted it', async () => {
    const jwt = { path: 'other', oidc_discovery_url: 'https://idp.example' };
    await expect(env.applyJson({ resource: { vault_jwt_auth_backend: { jwt } } }, 'other')).rejects.toMatchObject({
      code: 'host_not_impersonated',
      details: { host: 'idp.example' },
    });
    expect(env.proxy.refused).toEqual([{ server: 'vault', url: 'https://idp.example:443' }]);
  });
});
