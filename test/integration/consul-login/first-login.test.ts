import { expect, test } from 'vaultproof/vitest';

test.override({ services: { vault: false, consul: true } });

test('an engineer reads the keys of the app, and who is no engineer is refused', async ({
  env: { consul, issuer },
}) => {
  await consul.request('PUT', 'acl/policy', { Name: 'app-reader', Rules: 'key_prefix "app/" { policy = "read" }' });
  await consul.request('PUT', 'acl/auth-method', {
    Name: 'ci',
    Type: 'jwt',
    MaxTokenTTL: '15m',
    Config: {
      JWKSURL: issuer.jwksUrlFor(consul),
      BoundIssuer: issuer.url,
      BoundAudiences: ['consul'],
      ListClaimMappings: { groups: 'groups' },
    },
  });
  const rule = { AuthMethod: 'ci', BindType: 'policy', BindName: 'app-reader', Selector: '"eng" in list.groups' };
  await consul.request('PUT', 'acl/binding-rule', rule);
  await consul.kv.write('app/colour', 'green');

  const jwt = await issuer.sign({ sub: 'vishpat', aud: 'consul', groups: ['eng'] });
  await using session = await consul.login({ jwt, method: 'ci', meta: { pod: 'pod1' } });
  expect(session).toMatchObject({ policies: ['app-reader'], description: 'token created via login: {"pod":"pod1"}' });
  expect(await session.kv.read('app/colour')).toBe('green');
  await expect(session.kv.write('app/colour', 'red')).rejects.toMatchObject({ code: 'permission_denied' });

  const stranger = await issuer.sign({ sub: 'mallory', aud: 'consul', groups: ['sales'] });
  await expect(consul.login({ jwt: stranger, method: 'ci' })).rejects.toMatchObject({
    code: 'no_binding_rule_matched',
    rules: [{ selector: '"eng" in list.groups', matched: false, values: { 'list.groups': ['sales'] } }],
  });
});
