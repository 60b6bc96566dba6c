import { type ConsulAccessRequest, readAccess, whatCan, whoCan } from 'vaultproof/access';
import { describe, expect, test } from 'vitest';
import { type ConsulDocument, consulDocument } from '../../support/consul-document.js';

const who = async (document: ConsulDocument, request: ConsulAccessRequest) =>
  whoCan(await readAccess([consulDocument(document)]), request);

const app = `$\${value.app}`;
const selector = 'value.team == "shop"';

describe('a claim makes the name that is asked for, though nothing declares it', () => {
  test.each([
    ['a service', { bind_type: 'service', bind_name: app }, 'service', 'web'],
    ['a service beside a text', { bind_type: 'service', bind_name: `team-${app}` }, 'service', 'team-web'],
    ['the sidecar of a service', { bind_type: 'service', bind_name: app }, 'service', 'web-sidecar-proxy'],
    ['a node', { bind_type: 'node', bind_name: app }, 'node', 'web'],
    [
      'an API gateway',
      { bind_type: 'templated-policy', bind_name: 'builtin/api-gateway', bind_vars: { name: app } },
      'service',
      'web',
    ],
  ] as const)('%s', async (_what, rule, resource, segment) => {
    const found = await who({ rules: [{ ...rule, selector }] }, { resource, segment, access: 'write' });
    expect(found.undecided).toEqual([]);
    expect(found.who).toMatchObject([
      { authMethod: 'ci', example: { team: 'shop', app: expect.stringMatching(/^web/) } },
    ]);
  });

  test('and no claim makes another one', async () => {
    const rules = [{ bind_type: 'service', bind_name: `team-${app}`, selector }];
    expect(await who({ rules }, { resource: 'service', segment: 'web', access: 'write' })).toEqual({
      who: [],
      undecided: [],
    });
  });
});

describe('a regular expression', () => {
  const can = async (selector: string, team: string) =>
    whatCan(await readAccess([consulDocument({ rules: [{ bind_type: 'service', bind_name: 'web', selector }] })]), {
      ...{ aud: 'consul', team },
    });

  test.each(['value.team matches "^sh"', 'value.team not matches "^op"', 'value.team matches "^(?:shop|ops)$"'])(
    '%s lets in a token whose claim it matches',
    async (selector) => {
      expect(await can(selector, 'shop')).toMatchObject({ logins: [{ authMethod: 'ci' }], refused: [], undecided: [] });
    },
  );

  test('refuses one whose claim it does not match', async () => {
    const refused = [{ authMethod: 'ci', code: 'no_binding_rule_matched' }];
    expect(await can('value.team matches "^sh"', 'ops')).toMatchObject({ logins: [], refused, undecided: [] });
  });

  test.each([
    ['value.team matches "\\\\pL"', 'its selector has a regular expression that only Consul can evaluate'],
    [
      'value.team == "\\xf6"',
      'its selector has an escape for a byte, which only Consul can compare: value.team == "\\xf6"',
    ],
  ])('%s, which only Consul reads as it does, is no refusal', async (selector, why) => {
    expect(await can(selector, 'shop')).toEqual({
      logins: [],
      refused: [],
      undecided: [
        `consul_acl_auth_method.ci: whether it lets the token in: binding rule for the service "web": ${why}`,
      ],
    });
  });
});

describe('a rule that a regular expression decides about is an exception only where it may take something away', () => {
  const key = (policy: string, name = 'app/', resource = 'key_prefix') =>
    `${resource} "${name}" { policy = "${policy}" }`;
  const exceptionsBy = async (other: string) => {
    const rules = [
      { bind_type: 'policy', bind_name: 'rw', selector: 'value.app == "1"' },
      { bind_type: 'policy', bind_name: 'other', selector: '"team" in value and value.team matches "^x"' },
    ];
    const document = { rules, policies: { rw: key('write'), other } };
    const found = await who(document, { resource: 'key', segment: 'app/x', access: 'write' });
    expect(found.undecided).toEqual([]);
    return found.who.map(({ rule, conditions }) => [rule, conditions.filter((one) => one.startsWith('not bound'))]);
  };
  const rule = 'consul_acl_binding_rule.rule0';

  test.each([
    ['reads the same prefix', key('read')],
    ['denies a shorter prefix', key('deny', '')],
    ['denies another key', key('deny', 'app/y', 'key')],
  ])('not one that %s', async (_what, other) => {
    expect(await exceptionsBy(other)).toEqual([[rule, []]]);
  });

  test.each([
    ['denies the same prefix', key('deny')],
    ['reads a longer prefix', key('read', 'app/x')],
    ['reads the key', key('read', 'app/x', 'key')],
  ])('but one that %s', async (_what, other) => {
    const exception = 'not bound by consul_acl_binding_rule.rule1, too, which may take it away';
    expect(await exceptionsBy(other)).toEqual([[rule, [exception]]]);
  });
});

test('a templated policy that Consul does not have is undecided', async () => {
  const templated = { bind_type: 'templated-policy', bind_name: 'builtin/workload-identity' };
  const role = { name: 'r', templated_policies: [{ template_name: 'builtin/x' }] };
  const access = await readAccess([consulDocument({ rules: [templated], roles: [role] })]);
  expect(access.undecided).toEqual([
    expect.stringContaining(
      'consul_acl_role.role0: there is no templated policy "builtin/x"; expected one of builtin/s',
    ),
    expect.stringContaining('consul_acl_binding_rule.rule0: there is no templated policy "builtin/workload-identity"'),
  ]);
  expect(whatCan(access, { aud: 'consul' })).toMatchObject({ logins: [] });
});

test('the identity of a node in the datacenter of the server is decided, that of another one is not', async () => {
  const role = (datacenter: string) => ({ name: 'r', node_identities: [{ node_name: 'n1', datacenter }] });
  const access = (datacenter: string) =>
    readAccess([
      consulDocument({ rules: [{ bind_type: 'role', bind_name: 'r', selector }], roles: [role(datacenter)] }),
    ]);
  const request = { resource: 'node', segment: 'n1', access: 'write' } as const;
  expect(whoCan(await access('dc1'), request)).toMatchObject({ who: [{ authMethod: 'ci' }], undecided: [] });
  expect(whoCan(await access('dc2'), request)).toMatchObject({
    who: [],
    undecided: ['consul_acl_role.role0: the identity of the node "n1" holds in some datacenters alone'],
  });
});
