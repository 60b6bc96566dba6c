import { type Environment, httpClient, loginToConsul } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';

test.override({ fileServices: { vault: false, consul: true } });

let env: Environment;
test.beforeAll(async ({ fileEnv }) => {
  env = fileEnv;
  const { consul, issuer } = env;
  await consul.request('PUT', 'acl/policy', { Name: 'reader', Rules: 'key_prefix "app/" { policy = "read" }' });
  await consul.request('PUT', 'acl/auth-method', {
    Name: 'ci',
    Type: 'jwt',
    Config: {
      JWKSURL: issuer.jwksUrlFor(consul),
      BoundAudiences: ['damage_inc'],
      ClaimMappings: { sub: 'sub', team: 'team' },
    },
  });
  for (const rule of [
    { BindType: 'policy', BindName: 'reader', Selector: 'value.team == "red"' },
    { BindType: 'service', BindName: `web-\${value.team}` },
    { BindType: 'node', BindName: 'n1', Selector: 'value.sub matches `^\\pL+$`' },
    { BindType: 'policy', BindName: 'reader', Selector: 'value.team == "blue"' },
    { BindType: 'role', BindName: 'nobody-made-me', Selector: 'value.team == "red"' },
  ]) {
    await consul.request('PUT', 'acl/binding-rule', { AuthMethod: 'ci', ...rule });
  }
});

test('a session says which binding rules gave it what', async () => {
  const jwt = await env.issuer.sign({ sub: 'me', aud: 'damage_inc', team: 'Red' });
  const red = await env.issuer.sign({ sub: 'me', aud: 'damage_inc', team: 'red' });
  await using other = await env.consul.login({ jwt, method: 'ci' });
  await using session = await env.consul.login({ jwt: red, method: 'ci' });
  const rulesOf = async (one: typeof session) =>
    (await one.matchedRules())
      .map(({ bindType, name, selector, matched, values }) => ({ bindType, name, selector, matched, values }))
      .toSorted((a, b) => a.bindType.localeCompare(b.bindType));
  const open = {
    bindType: 'node',
    name: 'n1',
    selector: 'value.sub matches `^\\pL+$`',
    matched: undefined,
    values: { 'value.sub': 'me' },
  };
  expect(await rulesOf(session)).toEqual([
    open,
    {
      bindType: 'policy',
      name: 'reader',
      selector: 'value.team == "red"',
      matched: true,
      values: { 'value.team': 'red' },
    },
    { bindType: 'service', name: 'web-red', selector: '', matched: true, values: { 'value.team': 'red' } },
  ]);
  expect(await rulesOf(other)).toEqual([
    open,
    { bindType: 'service', name: 'web-red', selector: '', matched: true, values: { 'value.team': 'Red' } },
  ]);
  expect(session.policies).toEqual(['reader']);
  expect(session.serviceIdentities.map(({ serviceName }) => serviceName)).toEqual(['web-red']);
});

test('a login without a token that reads rules is told so', async () => {
  const http = httpClient(env.consul.address);
  const jwt = await env.issuer.sign({ sub: 'me', aud: 'damage_inc', team: 'red' });
  await using session = await loginToConsul(http, { jwt, method: 'ci' });
  await expect(session.matchedRules()).rejects.toMatchObject({ code: 'permission_denied' });
  await session.logout();
  http.close();
});
