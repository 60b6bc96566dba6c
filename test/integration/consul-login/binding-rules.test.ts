import { type Environment, httpClient, LoginRefusedError, loginToConsul, type TokenClaims } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeAll, describe } from 'vitest';

test.override({ fileServices: { vault: false, consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
let count = 0;

interface Rule {
  readonly BindType: string;
  readonly BindName: string;
  readonly Selector?: string;
}

beforeAll(async () => {
  await env.consul.request('PUT', 'acl/policy', { Name: 'reader', Rules: 'key_prefix "app/" { policy = "read" }' });
});

/** An auth method of its own, with these rules. */
async function method(...rules: readonly Rule[]): Promise<string> {
  const name = `method-${++count}`;
  await env.consul.request('PUT', 'acl/auth-method', {
    Name: name,
    Type: 'jwt',
    Config: {
      JWKSURL: env.issuer.jwksUrlFor(env.consul),
      BoundAudiences: ['damage_inc'],
      ClaimMappings: { sub: 'sub', team: 'team', level: 'level', '/org/unit/1': 'unit' },
      ListClaimMappings: { groups: 'groups', none: 'none', absent: 'absent' },
    },
  });
  for (const rule of rules) await env.consul.request('PUT', 'acl/binding-rule', { AuthMethod: name, ...rule });
  return name;
}

async function login(name: string, claims: Partial<TokenClaims> = {}): Promise<unknown> {
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc', ...claims });
  return env.consul.login({ jwt, method: name }).then(
    async (session) => {
      await session.logout();
      return 'let in';
    },
    (error: unknown) => error,
  );
}

const reader = (Selector: string): Rule => ({ BindType: 'policy', BindName: 'reader', Selector });

test('a method without rules lets nobody in, and says that there are none', async () => {
  const error = await login(await method());
  expect(error).toMatchObject({ code: 'no_binding_rule_matched', status: 403, rules: [] });
  expect(String(error)).toContain('tried no binding rule; the server said: Permission denied');
});

test('the refusal has each rule with the values that its selector saw, mapped as consul maps them', async () => {
  const name = await method(
    { BindType: 'policy', BindName: 'reader', Selector: 'value.sub == "somebody" and "red" in list.groups' },
    { BindType: 'service', BindName: `web-\${value.team}`, Selector: 'value.level == "4" or value.unit == "x"' },
  );
  const error = await login(name, { level: 3.9, org: { unit: ['a', 'b'] }, groups: ['', 7, true] });
  expect(error).toBeInstanceOf(LoginRefusedError);
  const { rules = [] } = error as LoginRefusedError;
  expect([...rules].sort((a, b) => a.bindType.localeCompare(b.bindType))).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      bindType: 'policy',
      bindName: 'reader',
      template: 'reader',
      name: 'reader',
      selector: 'value.sub == "somebody" and "red" in list.groups',
      matched: false,
      values: { 'value.sub': 'vishpat', 'list.groups': ['7', 'true'] },
      exists: true,
      notes: [],
    },
    {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      bindType: 'service',
      bindName: `web-\${value.team}`,
      template: `web-\${value.team}`,
      name: 'web-',
      selector: 'value.level == "4" or value.unit == "x"',
      matched: false,
      values: { 'value.level': '3', 'value.unit': 'b', 'value.team': null },
      exists: undefined,
      notes: [],
    },
  ]);
  expect(String(error)).toContain('policy "reader" for value.sub == "somebody" and "red" in list.groups saw ');
});

describe('a selector that is judged here is judged as consul does:', () => {
  const claims = { team: 'red', groups: ['eng', 'ops'], none: [], level: 3.9 };
  test.each([
    ['value.team == "red"', true],
    ['value.team == "blue"', false],
    ['value.team != "red"', false],
    ['value.team != "blue"', true],
    ['value.level == "3"', true],
    ['value.level == "3.9"', false],
    ['value.unit == ""', false],
    ['value.unit != ""', true],
    ['value.unit != "x"', true],
    ['"eng" in list.groups', true],
    ['"en" in list.groups', false],
    ['"eng" not in list.groups', false],
    ['"dev"   not  in   list.groups', true],
    ['value.team=="red" and "ops" in list.groups', true],
    ['value.team=="red" and "dev" in list.groups', false],
    ['value.team == "red"\nand value.unit != "y"', true],
    ['value.team == blue or value.team == `red`', true],
    ['not value.team == "blue"', true],
    ['not (value.team == "red" and "ops" in list.groups)', false],
    ['value["team"] == "r\\u0065d"', true],
    ['value.team contains "e"', true],
    ['"ed" not in value.team', false],
    ['"x" in value.unit', false],
    ['"x" not in value.unit', true],
    ['value.unit matches "^x$"', true],
    ['value.unit not matches "^x$" and value.team == "red"', true],
    ['value.team == "blue" and value.team matches "red"', false],
    ['value.team matches "^r" and value.team not matches "blue$"', true],
    ['"team" in value', true],
    ['"unit" in value', false],
    ['"unit" not in value', true],
    ['"nobody" in value', false],
    ['list contains groups', true],
    ['value is empty', false],
    ['list is not empty', true],
    ['list.groups is empty', false],
    ['list.none is empty', true],
    ['"none" in list', true],
    ['list.absent is empty', true],
    ['list.absent is not empty', false],
    ['"absent" in list', false],
    ['value.nobody == "x" or list.nobody is empty', true],
  ])('%s', async (selector, matches) => {
    const bound = await login(await method(reader(selector)), claims);
    expect(bound === 'let in').toBe(matches);
    // The same selector for a policy that is not there shows our own verdict.
    const refused = await login(await method({ ...reader(selector), BindName: 'nobody' }), claims);
    expect(refused).toMatchObject({ rules: [{ matched: matches, exists: false }] });
  });

  test.each([
    '"eng" in list.groups',
    '"eng" not in list.groups',
    'list.groups is empty',
    'list is empty',
    'value is empty',
  ])('%s, without the claim', async (selector) => {
    const bound = await login(await method(reader(selector)));
    const refused = await login(await method({ ...reader(selector), BindName: 'nobody' }));
    expect(refused).toMatchObject({ rules: [{ matched: bound === 'let in' }] });
  });
});

test('a claim that the token lacks is null in the refusal', async () => {
  expect(await login(await method(reader('"eng" in list.groups')))).toMatchObject({
    rules: [{ matched: false, values: { 'list.groups': null } }],
  });
});

test('a pattern that only Consul can evaluate is left to it', async () => {
  const matches = reader('value.team matches `^\\PL`');
  expect(await login(await method(matches), { team: 'red' })).toMatchObject({
    rules: [{ matched: undefined, values: { 'value.team': 'red' } }],
  });
});

test('a rule that matches and names a policy or a role that is not there says so', async () => {
  const name = await method(
    { BindType: 'role', BindName: `team-\${value.team}`, Selector: 'value.sub == "vishpat"' },
    { BindType: 'policy', BindName: 'nobody' },
  );
  const error = await login(name, { team: 'red' });
  expect(error).toMatchObject({
    code: 'bound_name_not_found',
    found: expect.arrayContaining(['team-red', 'nobody']),
    status: 403,
  });
});

test('a name in capitals is found, as consul ignores case', async () => {
  expect(await login(await method({ BindType: 'policy', BindName: 'READER' }))).toBe('let in');
});

test('one rule that makes a bad name refuses the login, whatever the others give', async () => {
  const name = await method(reader(''), {
    BindType: 'service',
    BindName: `\${value.team}`,
    Selector: 'value.team != "x"',
  });
  expect(await login(name, { team: 'A B' })).toMatchObject({
    code: 'bind_name_invalid',
    found: 'a b',
    status: 500,
    rules: expect.arrayContaining([expect.objectContaining({ bindType: 'service', values: { 'value.team': 'A B' } })]),
  });
  expect(await login(name)).toMatchObject({ code: 'bind_name_invalid', found: '' });
});

test('without a token that may read the rules, the refusal has none', async () => {
  const name = await method();
  const http = httpClient(env.consul.address);
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  await expect(loginToConsul(http, { jwt, method: name })).rejects.toMatchObject({
    code: 'no_binding_rule_matched',
    rules: undefined,
    message: 'login refused: no_binding_rule_matched; the server said: Permission denied',
  });
  http.close();
});
