import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { expect, test } from 'vaultproof/vitest';

test.override({ fileServices: { vault: true, consul: true } });

// The same to a reader: an "e" with a combining accent, and the one character that Terraform makes of the two.
const decomposed = 'Jose\u0301';
const composed = 'Jos\u00e9';

test('a bound claim, an audience and a group are in the form that Terraform deploys', async ({ fileEnv: env }) => {
  await env.apply(
    (app) =>
      new VaultJwtStack(app, 'unicode', {
        jwksUrl: env.issuer.jwksUrlFor(env.vault),
        boundIssuer: env.issuer.url,
        roles: [
          {
            roleName: 'named',
            boundClaims: { name: decomposed },
            boundAudiences: [decomposed],
            groupsClaim: 'groups',
            tokenPolicies: ['default'],
          },
        ],
        groups: [{ name: decomposed, policies: ['default'] }],
      }),
  );
  const login = async (name: string, aud: string) =>
    env.vault.login({ jwt: await env.issuer.sign({ sub: 'jose', name, aud, groups: [composed] }) });
  expect(await login(composed, composed)).toMatchObject({ role: 'named' });
  await expect(login(decomposed, composed)).rejects.toMatchObject({ code: 'claim_mismatch' });
  await expect(login(composed, decomposed)).rejects.toMatchObject({ code: 'audience_mismatch' });
  const group = await env.vault.request('GET', `identity/group/name/${encodeURIComponent(composed)}`);
  expect(group['data']).toMatchObject({ name: composed });
});

test('a selector is in the form that Terraform deploys', async ({ fileEnv: env }) => {
  await env.apply(
    (app) =>
      new ConsulJwtStack(app, 'unicode', {
        name: 'unicode',
        jwksUrl: env.issuer.jwksUrlFor(env.consul),
        boundIssuer: env.issuer.url,
        boundAudiences: ['consul'],
        claimMappings: { name: 'name' },
        bindingRules: [{ bindType: 'service', bindName: 'web', selector: `value.name == "${decomposed}"` }],
      }),
  );
  const login = async (name: string) =>
    env.consul.login({ method: 'unicode', jwt: await env.issuer.sign({ sub: 'jose', name, aud: 'consul' }) });
  expect(await login(composed)).toMatchObject({ name: expect.anything() });
  await expect(login(decomposed)).rejects.toMatchObject({ code: 'no_binding_rule_matched' });
});
