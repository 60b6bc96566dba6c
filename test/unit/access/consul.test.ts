import { consulAclOf, readConsulPolicy, wouldLogInToConsul } from 'vaultproof/access';
import { describe, expect, test } from 'vitest';

const acl = (...rules: string[]) => consulAclOf(rules.map((text, index) => readConsulPolicy(`p${index}`, text)));

describe('of two rules for a name decides', () => {
  test.each([
    ['the one that names it', 'key "app/db" { policy = "read" }', 'key_prefix "app/" { policy = "deny" }', true],
    ['the longer prefix', 'key_prefix "app/" { policy = "read" }', 'key_prefix "" { policy = "deny" }', true],
    ['deny, for the same name', 'key "app/db" { policy = "read" }', 'key "app/db" { policy = "deny" }', false],
  ])('%s', (_title, one, other, allowed) => {
    expect(acl(one, other).allows({ resource: 'key', segment: 'app/db', access: 'read' })).toBe(allowed);
  });
});

test('who may write a service may read its intentions, and not write them', () => {
  const policy = acl('service "web" { policy = "write" }');
  const allows = (access: 'read' | 'write') => policy.allows({ resource: 'intention', segment: 'web', access });
  expect([allows('read'), allows('write')]).toEqual([true, false]);
});

test('what no rule decides is denied, unless the default is to allow', () => {
  const request = { resource: 'operator', access: 'read' } as const;
  expect(acl('key "a" { policy = "read" }').allows(request)).toBe(false);
  expect(consulAclOf([], 'allow').allows(request)).toBe(true);
});

test('rules that can not be read are undecided', () => {
  expect(readConsulPolicy('p', 'key "a" {').undecided).toEqual([
    `policy "p" can't be read: line 1: an object does not end`,
  ]);
  expect(readConsulPolicy('p', '{').undecided).toHaveLength(1);
});

const login = {
  config: { BoundAudiences: ['consul'], ClaimMappings: { sub: 'user' }, ListClaimMappings: { groups: 'groups' } },
  rules: [
    { BindType: 'policy', BindName: `team-\${value.user}`, Selector: '"dev" in list.groups' },
    { BindType: 'role', BindName: 'ops', Selector: 'value.user matches "\\\\pL"' },
  ],
};

test('a token gets what the rules bind whose selectors match', () => {
  expect(wouldLogInToConsul(login, { aud: 'consul', sub: 'Me', groups: ['dev'] })).toEqual({
    in: true,
    bindings: [{ type: 'policy', name: 'team-me' }],
    undecided: ['binding rule for the role "ops": its selector has a regular expression that only Consul can evaluate'],
  });
});

test.each([
  ['another audience', { aud: 'x', sub: 'me' }, 'audience_mismatch'],
  ['a mapped claim that is no text', { aud: 'consul', sub: 'me', groups: [{}] }, 'claim_type_mismatch'],
  ['no rule that matches', { aud: 'consul', sub: 'me' }, 'no_binding_rule_matched'],
  ['a name that Consul does not take', { aud: 'consul', sub: 'a/b', groups: 'dev' }, 'bind_name_invalid'],
])('a token with %s is refused', (_what, claims, code) => {
  expect(wouldLogInToConsul(login, claims)).toMatchObject({ in: false, refusals: [{ code }] });
});
