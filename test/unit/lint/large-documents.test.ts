import { lint, lintCoverage } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';
import { bePatient } from '../../support/patience.js';
import { consulLogin, found, login, policy } from './found.js';

bePatient();

const DEEP = 100_000;

/** `{"a":{"a":...}}`, or with the brackets given. */
function nested(open: string, inner: string, close: string, levels = DEEP): string {
  return `${open.repeat(levels)}${inner}${close.repeat(levels)}`;
}

describe('what is nested deeper than 100 levels is refused by a code', () => {
  const deep = nested('{"a":', '1', '}');
  const refused = expect.objectContaining({ code: 'not_terraform_json', message: expect.stringContaining('deeper') });

  test.each([
    ['a configuration', { resource: { vault_mount: { kv: { options: JSON.parse(deep) as unknown } } } }],
    ['a plan', { format_version: '1.2', planned_values: JSON.parse(deep) as unknown }],
    ['the configuration of an auth method', consulLogin({ method: { config_json: deep } })],
    [
      'the body of an endpoint',
      { resource: { vault_generic_endpoint: { e: { path: 'auth/jwt/config', data_json: deep } } } },
    ],
    ['jsonencode', login({ backend: { jwks_url: `\${jsonencode(${nested('[', '1', ']')})}` } })],
  ])('%s', (_, json) => {
    expect(() => lint(json)).toThrow(refused);
    expect(() => lintCoverage(json)).toThrow(refused);
  });

  test('the rules of a policy of Consul, which are read to lint them alone', () => {
    expect(() => lint({ resource: { consul_acl_policy: { p: { rules: deep } } } })).toThrow(refused);
  });

  test('references that lead on to each other', () => {
    const locals = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`l${at + 1}`, `\${local.l${at}}`]));
    const json = { locals: { l0: 'x', ...locals }, resource: { vault_mount: { kv: { path: `\${local.l1000}` } } } };
    expect(() => lint(json)).toThrow(expect.objectContaining({ code: 'not_terraform_json' }));
  });

  test.each(['path', 'count'])('references of %s that lead on to two each', (argument) => {
    const locals = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`l${at + 1}`, `\${local.l${at}}\${local.l${at}}`]),
    );
    const json = { locals: { l0: 'x', ...locals }, resource: { vault_mount: { kv: { [argument]: `\${local.l60}` } } } };
    expect(() => lint(json)).toThrow(expect.objectContaining({ code: 'not_terraform_json' }));
  });

  test.each([
    ['objects in HCL', nested('path "a" { b = {', '', '} }')],
    ['lists in HCL', `path "a" { capabilities = ${nested('[', '', ']')} }`],
    ['objects in JSON', `{"path":${deep}}`],
  ])('a policy: %s', (_, text) => {
    expect(found('policy-unparsable', policy(text))).toHaveLength(1);
  });

  test.each([
    ['parentheses', nested('(', 'value.user == "a"', ')')],
    ['negations', nested('not ', 'value.user == "a"', '')],
    ['many comparisons', Array.from({ length: 20_000 }, (_, at) => `value.user == "${at}"`).join(' or ')],
    ['many comparisons that must all be so', Array.from({ length: 20_000 }, () => 'value.user == "a"').join(' and ')],
  ])('a selector: %s', (_, selector) => {
    expect(found('selector-unparsable', consulLogin({ rule: { selector } }))).toHaveLength(1);
  });

  test('and what is not is looked into', () => {
    const options = JSON.parse(nested('{"a":', '1', '}', 90)) as unknown;
    expect(lint({ resource: { vault_mount: { kv: { path: 'kv', type: 'kv', options } } } })).toEqual([]);
    const selector = Array.from({ length: 1_000 }, (_, at) => `value.user == "${at}"`).join(' or ');
    expect(lint(consulLogin({ rule: { selector } }))).toEqual([]);
  });
});

test('a path that is too long for a regular expression is a path', () => {
  const path = `${'a/'.repeat(100_000)}${'+.('.repeat(3_000_000)}*`;
  expect(found('policy-path-too-wide', policy(`path "${path}" { capabilities = ["update"] }`))).toEqual([]);
});

test('a name of many claims is not looked through for good', () => {
  const bind_name = Array.from({ length: 40 }, (_, at) => `$\${value.c${at}}`).join('');
  const rule = { bind_type: 'policy', bind_name, selector: '' };
  expect(found('global-management', consulLogin({ rule }))).toHaveLength(1);
});

// With a look at each for each, one of these takes minutes.
describe('a large document takes a time in proportion', () => {
  const MANY = 20_000;
  const each = (make: (at: number) => object): object =>
    Object.fromEntries(Array.from({ length: MANY }, (_, at) => [`r${at}`, make(at)]));
  const allowed = (code: string): object => ({ '//': { vaultproof: { allow: { [code]: 'meant' } } } });
  const grants = 'path "x" { capabilities = ["sudo"] }';

  test.each([
    [
      'roles with allowances',
      {
        vault_jwt_auth_backend: each((at) => ({
          path: `b${at}`,
          jwks_url: 'https://i.example',
          default_role: `r${at}`,
        })),
        vault_jwt_auth_backend_role: each((at) => ({
          ...{ backend: `b${at}`, role_name: `r${at}`, role_type: 'jwt', bound_claims: { x: 'a,b' } },
          ...{ token_policies: [`p${at}`], ...allowed('comma-split') },
        })),
      },
    ],
    [
      'policies, documents and engines',
      {
        vault_policy: each((at) => ({ name: `p${at}`, policy: `path "m${at}/x/*" { capabilities = ["read"] }` })),
        vault_mount: each((at) => ({ path: `m${at}`, type: 'kv', options: { version: '2' } })),
      },
    ],
    [
      'binding rules',
      {
        consul_acl_auth_method: each((at) => ({ name: `m${at}`, type: 'jwt', config_json: '{"JWKSURL":"https://i"}' })),
        consul_acl_policy: each((at) => ({ name: `p${at}`, rules: 'acl = "write"' })),
        consul_acl_role: each((at) => ({ name: `p${at}`, policies: [`p${at}`] })),
        consul_acl_binding_rule: each((at) => ({
          ...{ auth_method: `m${at}`, bind_type: at % 2 === 0 ? 'role' : 'policy', bind_name: `p${at}` },
          selector: 'value.user == "a"',
        })),
      },
    ],
    [
      'endpoints',
      {
        vault_auth_backend: each((at) => ({ path: `b${at}`, type: 'jwt' })),
        vault_generic_endpoint: each((at) => ({
          path: `sys/policy/p${at}`,
          data_json: JSON.stringify({ policy: grants }),
        })),
      },
    ],
  ])('%s', (_, resource) => {
    expect(lint({ resource }).length).toBeGreaterThan(MANY - 1);
    expect(lintCoverage({ resource }).lookedAt).not.toEqual({});
  });

  test('a plan', () => {
    const resources = Array.from({ length: MANY }, (_, at) => {
      const [type, name] = ['vault_policy', `p${at}`];
      return { address: `${type}.${name}`, mode: 'managed', type, name, values: { name, policy: grants } };
    });
    const configuration = {
      root_module: { resources: resources.map(({ address }) => ({ address, expressions: {} })) },
    };
    const plan = { format_version: '1.2', planned_values: { root_module: { resources } }, configuration };
    expect(lint(plan)).toHaveLength(MANY);
  });
});
