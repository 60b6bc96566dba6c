import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { VaultConsulStack } from 'vaultproof/stacks/vault-consul';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';
import { vi } from 'vitest';

test.override({ services: { vault: true, consul: true } });

test('one JWT logs in to Vault and to Consul, and a Vault login yields a Consul token that ends with it', async ({
  env,
  skip,
}) => {
  const { issuer, vault, consul } = env;
  skip(!(await vault.supports('secret/consul')), 'needs a Vault with a Consul secrets engine');
  await env.apply((app) => {
    new VaultJwtStack(app, 'vault-login', {
      kv: {},
      jwksUrl: issuer.jwksUrlFor(vault),
      boundIssuer: issuer.url,
      roles: [{ roleName: 'app', boundSubject: 'vishpat', boundAudiences: ['ci'], tokenPolicies: ['app'] }],
      policies: [{ name: 'app', rules: [{ path: 'consul/creds/app', capabilities: ['read'] }] }],
    });
    new ConsulJwtStack(app, 'consul-login', {
      jwksUrl: issuer.jwksUrlFor(consul),
      boundIssuer: issuer.url,
      boundAudiences: ['ci'],
      claimMappings: { sub: 'user' },
      policies: [{ name: 'team-reader', rules: 'key_prefix "team/" { policy = "read" }' }],
      bindingRules: [{ bindType: 'policy', bindName: 'team-reader', selector: 'value.user == "vishpat"' }],
    });
    new VaultConsulStack(app, 'consul-tokens', {
      policies: [{ name: 'app-reader', rules: 'key_prefix "app/" { policy = "read" }' }],
      roles: [{ name: 'app', consulPolicies: ['app-reader'] }],
    });
  });
  await vault.configureConsulAccess(consul);
  await consul.kv.write('team/colour', 'red');
  await consul.kv.write('app/colour', 'green');

  const jwt = await issuer.sign({ sub: 'vishpat', aud: 'ci' });
  await using own = await consul.login({ jwt, method: 'jwt' });
  expect(await own.kv.read('team/colour')).toBe('red');

  const session = await vault.login({ jwt });
  const app = await consul.session(await session.lease('consul/creds/app'));
  expect(app.policies).toEqual(['app-reader']);
  expect(await app.kv.read('app/colour')).toBe('green');
  await expect(app.kv.read('team/colour')).rejects.toMatchObject({ code: 'permission_denied' });

  // Vault takes its leases back in the background.
  await session.logout();
  await vi.waitFor(() => expect(consul.session(app.token)).rejects.toMatchObject({ code: 'permission_denied' }));

  const stranger = await issuer.sign({ sub: 'mallory', aud: 'ci' });
  await expect(vault.login({ jwt: stranger })).rejects.toMatchObject({ code: 'subject_mismatch' });
  await expect(consul.login({ jwt: stranger, method: 'jwt' })).rejects.toMatchObject({
    code: 'no_binding_rule_matched',
  });
});
