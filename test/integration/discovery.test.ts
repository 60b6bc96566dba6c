import { type Environment, startEnvironment } from 'vaultproof';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { beforeEach, describe, expect, test } from 'vitest';
import { engines, requiresEngine, runOn } from '../support/engines.js';

describe.each(engines)('on %s', (engine) => {
  beforeEach(requiresEngine(engine));

  const vaultLogin = (env: Environment, oidcDiscoveryUrl: string) =>
    env.apply(
      (app) =>
        new VaultJwtStack(app, 'discovery', {
          oidcDiscoveryUrl,
          boundIssuer: env.issuer.url,
          roles: [{ roleName: 'r', boundSubject: 'vishpat', boundAudiences: ['a'], tokenPolicies: ['default'] }],
        }),
    );

  test('Vault and Consul find the keys by the discovery document that is there for them', async () => {
    await using env = await startEnvironment({ vault: runOn(engine, 'vault'), consul: runOn(engine, 'consul') });
    await vaultLogin(env, env.issuer.discoveryUrlFor(env.vault));
    const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'a' });
    expect(await env.vault.login({ jwt })).toMatchObject({ role: 'r' });

    const iss = env.issuer.discoveryUrlFor(env.consul);
    await env.apply(
      (app) =>
        new ConsulJwtStack(app, 'consul', {
          oidcDiscoveryUrl: iss,
          boundAudiences: ['a'],
          claimMappings: { sub: 'user' },
          bindingRules: [{ bindType: 'service', bindName: 'web', selector: 'value.user == "vishpat"' }],
        }),
    );
    await using session = await env.consul.login({
      method: 'jwt',
      jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'a', iss }),
    });
    expect(session.name).toMatch(/^jwt-jwt-/);
  });
});

describe('in a container', () => {
  beforeEach(requiresEngine('docker'));

  test("the issuer's own URL leads nowhere, and the error says which does", async () => {
    await using env = await startEnvironment({ vault: runOn('docker', 'vault') });
    const jwt = { path: 'jwt', oidc_discovery_url: env.issuer.url };
    await expect(env.applyJson({ resource: { vault_jwt_auth_backend: { jwt } } })).rejects.toThrow(
      /connection refused.*give `oidcDiscoveryUrl: env\.issuer\.discoveryUrlFor\(env\.vault\)`/s,
    );
  });
});
