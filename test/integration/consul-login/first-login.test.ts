import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { expect, test } from 'vaultproof/vitest';

test.override({ services: { vault: false, consul: true } });

test('an engineer reads the keys of the app, and who is no engineer is refused', async ({ env }) => {
  await env.apply(
    (app) =>
      new ConsulJwtStack(app, 'ci', {
        name: 'ci',
        jwksUrl: env.issuer.jwksUrlFor(env.consul),
        boundIssuer: env.issuer.url,
        boundAudiences: ['consul'],
        listClaimMappings: { groups: 'groups' },
        policies: [{ name: 'app-reader', rules: 'key_prefix "app/" { policy = "read" }' }],
        bindingRules: [{ bindType: 'policy', bindName: 'app-reader', selector: '"eng" in list.groups' }],
      }),
  );
  await env.consul.kv.write('app/colour', 'green');

  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'consul', groups: ['eng'] });
  await using session = await env.consul.login({ jwt, method: 'ci', meta: { pod: 'pod1' } });
  expect(session).toMatchObject({ policies: ['app-reader'], description: 'token created via login: {"pod":"pod1"}' });
  expect(await session.kv.read('app/colour')).toBe('green');
  await expect(session.kv.write('app/colour', 'red')).rejects.toMatchObject({ code: 'permission_denied' });

  const stranger = await env.issuer.sign({ sub: 'mallory', aud: 'consul', groups: ['sales'] });
  await expect(env.consul.login({ jwt: stranger, method: 'ci' })).rejects.toMatchObject({
    code: 'no_binding_rule_matched',
    rules: [{ selector: '"eng" in list.groups', matched: false, values: { 'list.groups': ['sales'] } }],
  });
});
