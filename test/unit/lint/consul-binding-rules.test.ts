import { type LintCode, lint } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';
import { consulLogin, found } from './found.js';

const unknown = `\${var.unknown}`;
/** A name with a claim in it, as Terraform's JSON has it. */
const claim = (name: string): string => `$\${value.${name}}`;

/** What is found, by a rule, in a binding rule with some arguments. */
const finds = (code: LintCode, rule: object, config: object = {}): unknown[] =>
  found(code, consulLogin({ rule: { ...rule }, config: { ...config } })).map((finding) => finding['found'] ?? 'it');

describe('a selector', () => {
  test.each([
    'value.user',
    'value.user = "a"',
    'user == "a"',
    'value.user == "a" and (value.team == "b" or value.team == "c") and value.team == "d',
    'list.groups == "a"',
    'value.user is empty',
    'value == "a"',
    'value.user matches "["',
    'value.user matches "a**"',
  ])('%s is found by selector-unparsable', (selector) => {
    expect(finds('selector-unparsable', { selector })).toEqual([selector]);
  });

  test('that can not be read is found where a claim is in the name, too', () => {
    const rule = { bind_type: 'role', bind_name: `tasks-${claim('team')}`, selector: 'value.user === "a"' };
    expect(finds('selector-unparsable', rule)).toEqual([rule.selector]);
    expect(lint(consulLogin({ rule: { ...rule, selector: unknown } }))).toEqual([]);
  });

  test.each(['value.user == "a"', `value.user == ${unknown}`, unknown, null, ''])(
    '%s is not found by it',
    (selector) => {
      expect(finds('selector-unparsable', { selector })).toEqual([]);
    },
  );

  test('of another type of auth method is left alone', () => {
    const selector = 'serviceaccount.namespace == "default"';
    const json = consulLogin({ method: { type: 'kubernetes' }, rule: { selector } });
    expect(lint(json)).toEqual([]);
    expect(lint(consulLogin({ rule: { selector, auth_method: 'elsewhere' } }))).toEqual([]);
  });

  test('of an auth method that is declared elsewhere is looked at where only a JWT has such fields', () => {
    const selector = 'value.user != "mallory"';
    expect(finds('absent-claim', { selector, auth_method: 'elsewhere' })).toEqual([selector]);
  });

  test.each(['value.user == "a" and value.user == "b"', '"a" in list.groups and list.groups is empty'])(
    '%s is found by selector-never-matches',
    (selector) => {
      expect(finds('selector-never-matches', { selector })).toEqual([selector]);
    },
  );

  test('that matches somebody is not found by it', () => {
    expect(finds('selector-never-matches', { selector: 'value.user == "a" or value.user == "b"' })).toEqual([]);
  });

  test.each([
    'value.user != "mallory"',
    '"mallory" not in list.groups',
    'list.groups is empty',
    'value.user not matches "^m"',
    'value.user matches "^vishpat$"',
    '"user" not in value',
  ])('%s is found by absent-claim', (selector) => {
    expect(finds('absent-claim', { selector })).toEqual([selector]);
  });

  test.each([
    ['not value.user == "x"', 'not value.user == "x"'],
    ['value.team == "a" and not value.user == "x"', 'not value.user == "x"'],
    ['not (value.user == "x" or value.team == "y")', 'not (value.user == "x" or value.team == "y")'],
  ])('of %s all of the negation is found by it', (selector, source) => {
    expect(finds('absent-claim', { selector })).toEqual([source]);
  });

  test.each([
    'value.user == "a"',
    '"eng" in list.groups',
    'list.groups is not empty',
    '"user" in value and value.user matches "^vishpat$"',
    'value.user == "a" and value.user != "b"',
    'not value.user != "a"',
  ])('%s is not found by it', (selector) => {
    expect(finds('absent-claim', { selector })).toEqual([]);
  });

  test.each([
    ['value.other == "a"', 'value.other == "a"'],
    ['value.groups == "a"', 'value.groups == "a"'],
    ['"a" in list.user', '"a" in list.user'],
    ['value.user == "a" and "other" in value', '"other" in value'],
  ])('%s is found by unmapped-claim', (selector, source) => {
    expect(finds('unmapped-claim', { selector })).toEqual([source]);
  });

  test('whose claims are mapped, or mapped to what is not known, is not found by it', () => {
    expect(finds('unmapped-claim', { selector: 'value.user == "a" and "a" in list.groups' })).toEqual([]);
    expect(finds('unmapped-claim', { selector: 'value.other == "a"' }, { ClaimMappings: { sub: unknown } })).toEqual(
      [],
    );
    expect(finds('unmapped-claim', { selector: 'value.other == "a"', auth_method: 'elsewhere' })).toEqual([]);
  });

  test.each([
    'value.user contains "vishpat"',
    '"vishpat" in value.user',
    'value.user matches "vishpat"',
    'value.user matches "^acme"',
    'value.user matches "acme/$"',
    'value.user matches "^a$|b"',
    'value.user matches `^acme\\$`',
  ])('%s is found by unanchored-match', (selector) => {
    expect(finds('unanchored-match', { selector: `"user" in value and ${selector}` })).toEqual([selector]);
  });

  test.each([
    'value.user matches "^vishpat$"',
    'value.user matches "^acme/"',
    'value.user matches "^repo:acme/.*"',
    'value.user matches "^(?:a|b)$"',
    'value.user matches "(?i)^a$|^b$"',
    'value.user matches "^[|]$"',
    'value.user not contains "a"',
    '"vishpat" in list.groups',
  ])('%s is not found by it', (selector) => {
    expect(finds('unanchored-match', { selector: `"user" in value and ${selector}` })).toEqual([]);
  });
});

test('unanchored-match says how much more a pattern takes', () => {
  const reason = (selector: string) =>
    lint(consulLogin({ rule: { selector } })).find(({ code }) => code === 'unanchored-match')?.reason;
  expect(reason('value.user matches "^platforms-.*"')).toContain('every longer string that begins with it');
  expect(reason('value.user matches "-platforms$"')).toContain('every string that ends with it');
  expect(reason('value.user matches "platforms"')).toContain('any part of the string');
});

describe('ref-never-matches', () => {
  const github = { BoundIssuer: 'https://token.actions.githubusercontent.com', ClaimMappings: { ref: 'ref' } };
  const gitlab = { ...github, BoundIssuer: 'https://gitlab.com' };

  test.each([
    [github, 'value.ref == "main"'],
    [github, 'value.ref matches "^main$"'],
    [gitlab, 'value.ref == "refs/heads/main"'],
  ])('finds on %j %s', (config, selector) => {
    expect(finds('ref-never-matches', { selector }, config)).toEqual([selector]);
  });

  test.each([
    [github, 'value.ref == "refs/heads/main"'],
    [github, 'value.ref matches "^refs/tags/v"'],
    [github, 'value.ref matches "main$"'],
    [gitlab, 'value.ref == "main"'],
    [{ ...github, BoundIssuer: 'https://i.example' }, 'value.ref == "main"'],
  ])('is content on %j with %s', (config, selector) => {
    expect(finds('ref-never-matches', { selector }, config)).toEqual([]);
  });
});

describe('no-namespace-bound', () => {
  const ClaimMappings = {
    '/kubernetes.io/serviceaccount/name': 'account',
    '/kubernetes.io/namespace': 'namespace',
    sub: 'sub',
  };

  test.each([
    [{ selector: 'value.account == "vault"' }, 'value.account == "vault"'],
    [
      { selector: 'value.account == "vault" and value.namespace == "a" or value.account == "x"' },
      'value.account == "vault"',
    ],
    [{ selector: null, bind_type: 'service', bind_name: claim('account') }, `\${value.account}`],
  ])('finds %j', (rule, expected) => {
    expect(finds('no-namespace-bound', rule, { ClaimMappings })).toEqual([expected]);
  });

  test.each([
    { selector: 'value.account == "vault" and value.namespace == "payments"' },
    { selector: 'value.account == "vault" and value.sub == "system:serviceaccount:payments:vault"' },
    { selector: 'value.namespace == "payments"', bind_type: 'service', bind_name: claim('account') },
    { selector: unknown, bind_type: 'service', bind_name: claim('account') },
    { selector: 'value.account == "vault"', auth_method: 'elsewhere' },
  ])('is content with %j', (rule) => {
    expect(finds('no-namespace-bound', rule, { ClaimMappings })).toEqual([]);
  });
});

test('a templated policy that Consul does not have is found by undeclared-binding', () => {
  const ofTemplate = (bind_name: string) => finds('undeclared-binding', { bind_type: 'templated-policy', bind_name });
  expect(ofTemplate('builtin/workload-identity')).toEqual(['builtin/workload-identity']);
  expect([ofTemplate('builtin/service'), ofTemplate(unknown)]).toEqual([[], []]);
});

describe('no-selector', () => {
  test.each([null, ''])('finds %j', (selector) => {
    expect(finds('no-selector', { selector })).toEqual(['reader']);
    expect(found('no-selector', consulLogin({ rule: { selector } }))).toMatchObject([{ attribute: 'bind_name' }]);
  });

  test('is content with one, with an unknown one, and with a claim in the name', () => {
    expect(finds('no-selector', {})).toEqual([]);
    expect(finds('no-selector', { selector: unknown })).toEqual([]);
    expect(finds('no-selector', { selector: null, bind_type: 'service', bind_name: claim('user') })).toEqual([]);
  });
});

describe('a name', () => {
  test('with a list or an unmapped claim in it is found by unmapped-claim', () => {
    expect(finds('unmapped-claim', { bind_name: `a-$\${list.groups}` })).toEqual(['list.groups']);
    expect(finds('unmapped-claim', { bind_name: `a-${claim('other')}` })).toEqual(['value.other']);
    expect(finds('unmapped-claim', { bind_name: `a-${claim('team')}` })).toEqual([]);
  });

  test.each([
    ['role', `tasks-${claim('team')}`, 'value.user == "a"'],
    ['role', `tasks-${claim('team')}`, null],
    ['role', `tasks-${claim('team')}`, 'value.team != "red"'],
    ['policy', `${claim('user')}-${claim('team')}`, 'value.user == "a"'],
    ['service', `a${claim('team')}b`, 'value.user == "a"'],
  ])('of the %s %s with the selector %s is found by absent-claim-in-name', (bind_type, bind_name, selector) => {
    expect(finds('absent-claim-in-name', { bind_type, bind_name, selector })).toEqual([
      bind_name.replaceAll('$${', '${'),
    ]);
  });

  test.each([
    ['role', `tasks-${claim('team')}`, '"team" in value'],
    ['role', `tasks-${claim('team')}`, 'value.team == "red" or value.team == "blue"'],
    // Consul refuses the name that would be left.
    ['service', `tasks-${claim('team')}`, 'value.user == "a"'],
    ['node', claim('team'), null],
    ['role', claim('team'), null],
    ['role', 'tasks', null],
    ['role', unknown, null],
  ])('of the %s %s with the selector %s is not found by it', (bind_type, bind_name, selector) => {
    expect(finds('absent-claim-in-name', { bind_type, bind_name, selector })).toEqual([]);
  });

  test('of a template is looked at where the template has it', () => {
    const rule = { bind_type: 'templated-policy', bind_name: 'builtin/service', selector: 'value.user == "a"' };
    const found = finds('absent-claim-in-name', { ...rule, bind_vars: { name: `a${claim('team')}` } });
    expect(found).toEqual([`a\${value.team}`]);
    expect(finds('absent-claim-in-name', { ...rule, bind_vars: { name: `a-${claim('team')}` } })).toEqual([]);
    expect(finds('absent-claim-in-name', { ...rule, bind_name: 'builtin/dns' })).toEqual([]);
  });
});

describe('undeclared-binding', () => {
  test.each([
    ['policy', 'writer'],
    ['role', 'reader'],
  ])('finds the %s %s', (bind_type, bind_name) => {
    expect(finds('undeclared-binding', { bind_type, bind_name })).toEqual([bind_name]);
  });

  test.each([
    ['policy', 'Reader'],
    ['policy', `team-${claim('team')}`],
    ['policy', unknown],
    ['policy', 'global-management'],
    ['service', 'web'],
  ])('is content with the %s %s', (bind_type, bind_name) => {
    expect(finds('undeclared-binding', { bind_type, bind_name })).toEqual([]);
  });

  test('is content where a policy’s name is not known yet', () => {
    const more = { consul_acl_policy: { reader: { name: unknown } } };
    expect(found('undeclared-binding', consulLogin({ rule: { bind_name: 'writer' }, more }))).toEqual([]);
  });
});

describe('global-management', () => {
  const roles = (...policies: string[]) => ({ consul_acl_role: { ops: { name: 'ops', policies } } });
  const role = { bind_type: 'role', bind_name: 'ops' };

  test('finds the policy by its name, in any case, and by way of a role', () => {
    expect(finds('global-management', { bind_name: 'Global-Management' })).toEqual(['Global-Management']);
    for (const policy of ['global-management', '00000000-0000-0000-0000-000000000001']) {
      expect(found('global-management', consulLogin({ rule: role, more: roles(policy) }))).toHaveLength(1);
    }
  });

  test.each([
    [claim('team'), 'value.user == "vishpat"'],
    [claim('team'), '"team" in value'],
    [claim('team'), 'value.team != "global-management"'],
    [claim('team'), 'value.team matches "^[a-z-]+$"'],
    [`global-${claim('team')}`, '"team" in value'],
    [`${claim('user')}-${claim('team')}`, '"team" in value and "user" in value'],
  ])('finds the policy %s with %s, which a claim can make it', (bind_name, selector) => {
    expect(finds('global-management', { bind_name, selector })).toEqual([bind_name.replaceAll('$$', '$')]);
  });

  test('finds a role that has it, and that a claim can name', () => {
    const rule = { bind_type: 'role', bind_name: claim('team'), selector: '"team" in value' };
    expect(found('global-management', consulLogin({ rule, more: roles('global-management') }))).toHaveLength(1);
    expect(found('global-management', consulLogin({ rule, more: roles('reader') }))).toEqual([]);
  });

  test.each([
    [`team-${claim('team')}`, '"team" in value'],
    [claim('team'), 'value.team == "red" or value.team == "blue"'],
    [claim('team'), 'value.team matches "^team-[a-z]+$"'],
    [`${claim('team')}-reader`, '"team" in value'],
    [claim('team'), unknown],
  ])('is content with the policy %s with %s', (bind_name, selector) => {
    expect(finds('global-management', { bind_name, selector })).toEqual([]);
  });

  test('is content with other policies, and roles of others', () => {
    expect(finds('global-management', {})).toEqual([]);
    expect(finds('global-management', { bind_type: 'service', bind_name: 'global-management' })).toEqual([]);
    expect(found('global-management', consulLogin({ rule: role, more: roles('reader', unknown) }))).toEqual([]);
  });
});

describe('acl-rules-too-wide', () => {
  const rules = (text: string) =>
    consulLogin({ more: { consul_acl_policy: { reader: { name: 'reader', rules: text } } } });

  test.each([
    ['acl = "write"', 'acl write'],
    ['operator = "write"', 'operator write'],
    ['key_prefix "" { policy = "write" }', 'key_prefix "" write'],
    ['service_prefix "" {\n  policy = "read"\n  intentions = "write"\n}', 'service_prefix "" write'],
    ['{"acl": "write"}', 'acl write'],
    ['{"node_prefix": {"": {"policy": "write"}}}', 'node_prefix "" write'],
    ['{"node_prefix": [{"": [{"policy": "write"}]}]}', 'node_prefix "" write'],
  ])('finds %s', (text, granted) => {
    expect(found('acl-rules-too-wide', rules(text))).toEqual([
      { address: 'reader', attribute: 'rules', found: granted },
    ]);
  });

  test.each([
    'acl = "read"',
    'key_prefix "" { policy = "read" }',
    'key_prefix "app/" { policy = "write" }',
    'key "" { policy = "write" }',
    '{"key_prefix": {"app/": {"policy": "write"}}}',
    unknown,
    `acl = "${unknown}"`,
    'acl = ',
    '{"acl"',
  ])('is content with %s', (text) => {
    expect(found('acl-rules-too-wide', rules(text))).toEqual([]);
  });
});

describe('an issuer that many share', () => {
  const github = {
    JWKSURL: 'https://token.actions.githubusercontent.com/.well-known/jwks',
    BoundIssuer: 'https://token.actions.githubusercontent.com',
    ClaimMappings: {
      ...{ repository_id: 'repository_id', repository: 'repository', sub: 'sub', ref: 'ref' },
      repository_owner_id: 'owner',
    },
  };

  test.each([
    null,
    'value.ref == "refs/heads/main"',
    'value.repository_id == "74" or value.ref == "refs/heads/main"',
    'not value.repository_id == "74"',
    'value.sub matches "^repo:acme"',
    'value.sub matches "repo:acme/"',
    'value.sub matches "^repo:acme/?"',
    'value.repository contains "acme/"',
  ])('and the selector %s are found by no-tenant-bound', (selector) => {
    expect(found('no-tenant-bound', consulLogin({ config: github, rule: { selector } }))).toEqual([
      { address: 'rule', attribute: 'selector' },
    ]);
  });

  test.each([
    'value.repository_id == "74" and value.ref == "refs/heads/main"',
    'value.repository_id == "74" or value.owner == "65"',
    'not (value.ref == "a" or value.repository_id != "74")',
    'value.sub matches "^repo:acme/"',
    'value.sub matches `^repo:ac\\.me[.]x/[^/]+:ref`',
    'value.repository == "acme/app"',
    unknown,
  ])('and the selector %s are not found by it', (selector) => {
    expect(found('no-tenant-bound', consulLogin({ config: github, rule: { selector } }))).toEqual([]);
  });

  test('are known by the key set, too, and nothing is said of another issuer', () => {
    const rule = { selector: 'value.ref == "refs/heads/main"' };
    const byKeys = { ...github, BoundIssuer: undefined };
    expect(found('no-tenant-bound', consulLogin({ config: byKeys, rule }))).toHaveLength(1);
    const own = { ...github, BoundIssuer: 'https://token.actions.githubusercontent.com/acme' };
    expect(found('no-tenant-bound', consulLogin({ config: own, rule }))).toEqual([]);
  });
});

describe('mutable-claim', () => {
  const ClaimMappings = { repository: 'repo', repository_id: 'id', ref: 'ref', email: 'mail', sub: 'user', upn: 'upn' };
  const at = (rule: object): unknown[] => finds('mutable-claim', rule, { ClaimMappings });

  test.each([
    ['value.repo == "acme/app"', 'value.repo == "acme/app"'],
    ['value.repo == "acme/app" and value.ref == "main"', 'value.repo == "acme/app"'],
    ['value.mail == "a@b.example"', 'value.mail == "a@b.example"'],
    ['value.upn == "a"', 'value.upn == "a"'],
  ])('finds the selector %s', (selector, source) => {
    expect(at({ selector })).toEqual([source]);
  });

  test.each([
    'value.repo == "acme/app" and value.id == "74"',
    'value.ref == "main"',
    'value.user == "a" and value.upn == "a"',
    'value.id == "74"',
  ])('is content with the selector %s', (selector) => {
    expect(at({ selector })).toEqual([]);
  });

  test('finds a name made of one', () => {
    const rule = { selector: 'value.id == "74"', bind_type: 'service' };
    expect(at({ ...rule, bind_name: claim('repo') })).toEqual([`\${value.repo}`]);
    expect(at({ ...rule, bind_name: claim('user') })).toEqual([]);
  });
});

test('a finding is allowed by its code, with the reason', () => {
  const allow = { 'absent-claim': 'everybody but mallory' };
  const rule = { selector: 'value.user != "mallory"', '//': { vaultproof: { allow } } };
  expect(lint(consulLogin({ rule }))).toEqual([]);
});

test('a plan is read, too: its names are plain, and its configuration says what a rule is for', () => {
  const values = (type: string, more: object) => ({
    mode: 'managed',
    type,
    name: 'one',
    address: `${type}.one`,
    values: more,
  });
  const config = { JWKSURL: 'https://i.example/keys', ClaimMappings: { team: 'team' } };
  const plan = {
    format_version: '1.2',
    planned_values: {
      root_module: {
        resources: [
          values('consul_acl_auth_method', {
            ...{ name: 'jwt', type: 'jwt', max_token_ttl: '0s', config_json: JSON.stringify(config) },
          }),
          values('consul_acl_binding_rule', {
            ...{ auth_method: 'jwt', bind_type: 'role', bind_name: `tasks-\${value.team}`, selector: 'value.x != "a"' },
          }),
        ],
      },
    },
  };
  expect(
    lint(plan)
      .map(({ code }) => code)
      .toSorted(),
  ).toEqual(['absent-claim', 'absent-claim-in-name', 'no-bound-issuer', 'no-max-token-ttl', 'unmapped-claim']);
});
