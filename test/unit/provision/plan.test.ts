import { describe, expect, test } from 'vitest';
import { planResources } from '../../../harness/provision/plan.js';
import { readTerraformJson } from '../../../harness/terraform-json/configuration.js';

function plan(resource: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string[] {
  return planResources(readTerraformJson({ resource })).map(({ declared }) => declared.address);
}

const mount = { path: 'kv', type: 'kv' };
const policy = { name: 'reader', policy: '' };

describe('a plan', () => {
  test('has every resource after those that it refers to', () => {
    const role = { backend: `\${vault_jwt_auth_backend.jwt.path}`, role_name: 'r', user_claim: 'sub' };
    expect(
      plan({
        vault_jwt_auth_backend_role: { r: { ...role, token_policies: [`\${vault_policy.p.name}`] } },
        vault_policy: { p: { name: 'p', policy: `path "\${vault_mount.kv.path}/*" {}` } },
        vault_jwt_auth_backend: { jwt: { jwks_url: 'http://127.0.0.1/jwks' } },
        vault_mount: { kv: mount },
      }),
    ).toEqual(['vault_jwt_auth_backend.jwt', 'vault_mount.kv', 'vault_policy.p', 'vault_jwt_auth_backend_role.r']);
  });

  test('has every resource after those that it depends on', () => {
    expect(
      plan({
        vault_policy: { p: { ...policy, depends_on: ['vault_mount.kv'] } },
        vault_mount: { kv: mount },
      }),
    ).toEqual(['vault_mount.kv', 'vault_policy.p']);
  });

  test('may be empty', () => {
    expect(plan({})).toEqual([]);
  });

  test('takes references to computed attributes', () => {
    expect(
      plan({
        vault_policy: { p: { name: `\${vault_mount.kv.accessor}`, policy: '' } },
        vault_mount: { kv: mount },
      }),
    ).toEqual(['vault_mount.kv', 'vault_policy.p']);
  });
});

describe('a lifecycle', () => {
  const lifecycle = (arguments_: object): string[] =>
    plan({ vault_mount: { kv: { ...mount, lifecycle: arguments_ } } });

  test.each([
    { prevent_destroy: true },
    { create_before_destroy: true, prevent_destroy: null },
    { ignore_changes: ['description', `\${options}`] },
    { ignore_changes: 'all' },
  ])('of %j is no reason not to apply', (arguments_) => {
    expect(lifecycle(arguments_)).toEqual(['vault_mount.kv']);
  });

  test.each([
    [{ replace_triggered_by: ['vault_policy.p'] }, 'lifecycle.replace_triggered_by'],
    [{ precondition: [{ condition: true, error_message: 'x' }] }, 'lifecycle.precondition'],
    [{ ignore_changes: ['options["version"]'] }, 'lifecycle.ignore_changes'],
    [{ ignore_changes: ['color'] }, 'lifecycle.ignore_changes'],
  ])('of %j is refused by name', (arguments_, name) => {
    expect(() => lifecycle(arguments_)).toThrow(
      expect.objectContaining({
        code: 'unsupported_attribute',
        details: { problems: [`argument "${name}" of "vault_mount.kv"`] },
      }),
    );
  });
});

test('what is written almost right is told with what may be meant', () => {
  const broken = {
    vault_policy: {
      reader: { nmae: 'reader', policy: '' },
      writer: { name: `\${vault_policy.reader.polcy}`, policy: `\${vault_polic.reader.name}`, data_json_wo: 'x' },
    },
  };
  expect(() => plan(broken)).toThrow(
    expect.objectContaining({
      details: {
        problems: [
          'argument "nmae" of "vault_policy.reader" (did you mean "name"?)',
          'argument "data_json_wo" of "vault_policy.writer"',
          `"\${vault_policy.reader.polcy}" in "vault_policy.writer" (did you mean "policy"?)`,
          `"\${vault_polic.reader.name}" in "vault_policy.writer" (nothing declares that: did you mean "vault_policy.reader"?)`,
        ],
      },
    }),
  );
});

describe('a plan with data sources', () => {
  const reader = { name: 'reader', policy: `\${data.vault_policy_document.reader.hcl}` };
  const rule = [{ path: `\${vault_mount.kv.path}/*`, capabilities: ['read'] }];
  const planned = (data: unknown, resource: unknown): string[] =>
    planResources(readTerraformJson({ data, resource })).map(({ address }) => address);

  test('has them between what they refer to and what refers to them', () => {
    expect(
      planned(
        { vault_policy_document: { reader: { rule } } },
        { vault_policy: { reader }, vault_mount: { kv: mount } },
      ),
    ).toEqual(['vault_mount.kv', 'data.vault_policy_document.reader', 'vault_policy.reader']);
  });

  test('has them after what they depend on, and before what depends on them', () => {
    const depends_on = ['data.vault_policy_document.reader'];
    expect(
      planned(
        { vault_policy_document: { reader: { depends_on: ['vault_mount.kv'] } } },
        { vault_policy: { p: { ...policy, depends_on } }, vault_mount: { kv: mount } },
      ),
    ).toEqual(['vault_mount.kv', 'data.vault_policy_document.reader', 'vault_policy.p']);
  });

  test('is refused for a circle by way of one', () => {
    const circle = [{ path: `\${vault_policy.reader.name}`, capabilities: ['read'] }];
    expect(() =>
      planned({ vault_policy_document: { reader: { rule: circle } } }, { vault_policy: { reader } }),
    ).toThrow(
      expect.objectContaining({
        code: 'dependency_cycle',
        details: { addresses: ['data.vault_policy_document.reader', 'vault_policy.reader'] },
      }),
    );
  });
});

describe('a plan is refused', () => {
  test('a plan with values that are not allowed names all of them, and quotes none', () => {
    const secret = '{"password": "canary';
    expect(() =>
      plan({
        vault_kv_secret: { one: { path: 'kv/one', data_json: secret } },
        vault_jwt_auth_backend: {
          two: {
            type: 'saml',
            jwks_url: 'http://127.0.0.1/',
            oidc_client_secret: 'canary',
            oidc_client_secret_wo: 'canary',
          },
        },
        vault_jwt_auth_backend_role: { three: { role_name: 'r', user_claim: ['canary'] } },
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'declaration_invalid',
        message: expect.not.stringContaining('canary'),
        details: {
          problems: [
            'value of "vault_kv_secret.one": "data_json": JSON object required',
            'value of "vault_jwt_auth_backend.two": "type": expected one of "jwt", "oidc"',
            'value of "vault_jwt_auth_backend_role.three": "user_claim": string required',
          ],
        },
      }),
    );
  });

  const jwks = 'http://127.0.0.1/';
  test.each([
    ['vault_jwt_auth_backend', {}, 'one of oidc_discovery_url, jwks_url, .* is needed'],
    ['vault_jwt_auth_backend', { provider_config: {} }, 'one of oidc_discovery_url, jwks_url, .* is needed'],
    ['vault_jwt_auth_backend', { jwt_validation_pubkeys: [] }, 'one of oidc_discovery_url, jwks_url, .* is needed'],
    [
      'vault_jwt_auth_backend',
      { jwks_url: jwks, oidc_discovery_url: jwks },
      '"jwks_url": conflicts with "oidc_discovery_url"',
    ],
    ['vault_kv_secret_v2', { data_json: '{}', data_json_wo: '{}' }, '"data_json": conflicts with "data_json_wo"'],
    ['vault_kv_secret_v2', { data_json_wo_version: 1 }, '"data_json_wo_version": "data_json_wo" is required with it'],
    ['vault_consul_secret_backend_role', { consul_policies: [], policies: [] }, '"consul_policies": conflicts with'],
    ['consul_acl_auth_method', {}, 'one of config, config_json is needed'],
    ['vault_consul_secret_backend', { token: 'canary', bootstrap: true }, '"bootstrap": must be false'],
    ['vault_consul_secret_backend', {}, '"bootstrap": must be true'],
    [
      'vault_consul_secret_backend',
      { token: 'canary', client_key_wo_version: 1 },
      '"client_key_wo" is required with it',
    ],
  ])('a plan with arguments of "%s" that exclude each other is refused: %j', (type, given, problem) => {
    const needed: Readonly<Record<string, object>> = {
      vault_kv_secret_v2: { mount: 'kv', name: 'one' },
      vault_consul_secret_backend_role: { backend: 'consul', name: 'one' },
      vault_consul_secret_backend: { address: '127.0.0.1:8500' },
      consul_acl_auth_method: { name: 'jwt', type: 'jwt' },
    };
    expect(() => plan({ [type]: { x: { ...needed[type], ...given } } })).toThrow(
      expect.objectContaining({
        code: 'declaration_invalid',
        message: expect.not.stringContaining('canary'),
        details: { problems: [expect.stringMatching(problem)] },
      }),
    );
  });

  const tune = {
    ...{ default_lease_ttl: null, max_lease_ttl: null, listing_visibility: null, token_type: null },
    ...{ audit_non_hmac_request_keys: null, audit_non_hmac_response_keys: null },
    ...{ passthrough_request_headers: null, allowed_response_headers: null },
  };
  const rule = { auth_method: 'jwt', bind_type: 'service', bind_name: 'web' };
  const secret = { mount: 'kv', name: 'a', data_json: '{}' };
  test.each([
    [
      'vault_jwt_auth_backend',
      { tune: [{ ...tune, default_lease_ttl: '3600' }] },
      '"tune.0.default_lease_ttl": expected a duration',
    ],
    [
      'vault_jwt_auth_backend',
      { tune: [{ ...tune, max_lease_ttl: '' }] },
      '"tune.0.max_lease_ttl": expected a duration',
    ],
    ['vault_jwt_auth_backend', { tune: [tune] }, '"tune": it is empty'],
    ['vault_jwt_auth_backend', { tune: [{}] }, '"tune.0.default_lease_ttl": required, and not set'],
    ['vault_jwt_auth_backend', { tune: [tune, tune] }, '"tune": no more than 1 of these blocks is allowed'],
    ['vault_jwt_auth_backend', { path: 'jwt/' }, '"path": a path without a slash at its end required'],
    ['vault_jwt_auth_backend', { path: '' }, '"path": a path without a slash at its end required'],
    ['vault_jwt_auth_backend', { provider_config: 'x' }, '"provider_config": map required'],
    [
      'vault_jwt_auth_backend',
      { provider_config: { fetch_groups: 'yes' } },
      '"provider_config.fetch_groups": bool required',
    ],
    [
      'vault_jwt_auth_backend',
      { provider_config: { groups_recurse_max_depth: 'a' } },
      'max_depth": whole number required',
    ],
    ['vault_jwt_auth_backend', { jwt_supported_algs: 'ES256' }, '"jwt_supported_algs": list required'],
    [
      'vault_auth_backend',
      { type: 'userpass', path: '/people' },
      '"path": a path without a slash at its ends required',
    ],
    [
      'consul_acl_binding_rule',
      { ...rule, selector: `${'('.repeat(30)}value.a == "1"${')'.repeat(30)}` },
      'deeper than Consul can parse',
    ],
    ['consul_acl_binding_rule', { ...rule, bind_vars: [{}, {}] }, '"bind_vars": no more than 1 of these blocks'],
    ['consul_acl_binding_rule', { ...rule, bind_vars: 'x' }, '"bind_vars": list required'],
    [
      'vault_jwt_auth_backend',
      { jwks_url: 'https://idp.acme.example', tune: [{ ...tune, max_lease_tll: '1h' }] },
      '"tune.0": no argument named "max_lease_tll" is expected here: did you mean "max_lease_ttl"?',
    ],
    [
      'consul_acl_role',
      { name: 'a', service_identities: [{ service_name: 'web', datacenter: ['dc1'] }] },
      '"service_identities.0": no argument named "datacenter" is expected here: did you mean "datacenters"?',
    ],
    [
      'consul_acl_role',
      { name: 'a', node_identities: [{ node_name: 'n', datacenter: 'dc1', nod: 1 }] },
      '"node_identities.0": no argument named "nod" is expected here: did you mean "node_name"?',
    ],
    [
      'consul_acl_role',
      { name: 'a', templated_policies: [{ template_name: 'builtin/service', template_variables: { nam: 'web' } }] },
      '"templated_policies.0.template_variables.0": no argument named "nam" is expected here: did you mean "name"?',
    ],
    [
      'consul_acl_binding_rule',
      { ...rule, bind_vars: [{ nome: 'x' }] },
      'no argument named "nome" is expected here: did you mean "name"?',
    ],
    [
      'consul_acl_auth_method',
      { name: 'a', type: 'jwt', config_json: '{}', max_token_ttl: '60' },
      '"max_token_ttl": expected a duration',
    ],
    [
      'vault_kv_secret_v2',
      { ...secret, custom_metadata: [{}, {}] },
      '"custom_metadata": no more than 1 of these blocks',
    ],
  ])('a plan with "%s" and %j is refused, as the provider refuses it', (type, given, problem) => {
    const needed = type === 'vault_jwt_auth_backend' ? { jwks_url: 'http://127.0.0.1/' } : {};
    expect(() => plan({ [type]: { x: { ...needed, ...given } } })).toThrow(
      expect.objectContaining({
        code: 'declaration_invalid',
        message: expect.not.stringContaining('apply it with terraform'),
        details: { problems: expect.arrayContaining([expect.stringContaining(problem)]) },
      }),
    );
  });

  test.each([
    ['vault_jwt_auth_backend', { path: '/jwt', jwks_url: 'http://127.0.0.1/' }],
    ['vault_jwt_auth_backend', { jwks_url: 'http://127.0.0.1/', provider_config: { fetch_groups: 'T' } }],
    ['vault_mount', { path: '/kv/', type: 'kv' }],
    ['vault_consul_secret_backend', { path: 'consul/', address: 'a', bootstrap: true }],
  ])('a plan with "%s" and %j is accepted, as the provider accepts it', (type, given) => {
    expect(plan({ [type]: { x: given } })).toEqual([`${type}.x`]);
  });

  test('a plan with wrong and unknown arguments says for each what to do', () => {
    expect(() =>
      plan({ vault_policy: { p: { name: [], policy: '', color: 'red' } }, aws_instance: { a: {} } }),
    ).toThrow(
      expect.objectContaining({
        code: 'unsupported_attribute',
        details: { problems: ['argument "color" of "vault_policy.p"', 'resource "aws_instance.a"'] },
      }),
    );
    expect(() =>
      plan({ vault_policy: { p: { name: [], policy: '' }, q: { ...policy, depends_on: ['x.y'] } } }),
    ).toThrow(
      'nothing was applied: value of "vault_policy.p": "name": string required; depends_on "x.y" of "vault_policy.q" (nothing declares that); correct the declaration',
    );
  });

  test('for an argument that is needed and not there, and for one inside a block', () => {
    expect(() =>
      plan({
        vault_policy: { p: { name: 'p' } },
        consul_acl_role: { r: { name: 'r', node_identities: [{ node_name: 'n', datacenter: [] }] } },
      }),
    ).toThrow(
      expect.objectContaining({
        details: {
          problems: [
            'value of "vault_policy.p": "policy": required, and not set',
            'value of "consul_acl_role.r": "node_identities.0.datacenter": string required',
          ],
        },
      }),
    );
  });

  test('for a text with a reference to what has no value, in an output too', () => {
    const text = `x-\${vault_mount.kv.description}`;
    const declared = { resource: { vault_mount: { kv: mount }, vault_policy: { p: { ...policy, name: text } } } };
    expect(() => planResources(readTerraformJson({ ...declared, output: { o: { value: text } } }))).toThrow(
      expect.objectContaining({
        code: 'declaration_invalid',
        details: {
          problems: [
            `value of "vault_policy.p": "name": "\${vault_mount.kv.description}" has no value and can't be a part of a string`,
            `value of "output.o": "\${vault_mount.kv.description}" has no value and can't be a part of a string`,
          ],
        },
      }),
    );
  });

  test('for values beside a reference to what is declared, before anything is applied', () => {
    const role = { backend: `\${vault_jwt_auth_backend.jwt.path}`, role_name: 'r', user_claim: ['canary'] };
    const jwt = { jwks_url: 'http://127.0.0.1/' };
    expect(() => plan({ vault_jwt_auth_backend: { jwt }, vault_jwt_auth_backend_role: { r: role } })).toThrow(
      expect.objectContaining({
        code: 'declaration_invalid',
        details: { problems: ['value of "vault_jwt_auth_backend_role.r": "user_claim": string required'] },
      }),
    );
  });

  test('for a list index, a function and an attribute that is not there', () => {
    const names = [`\${vault_mount.kv.path[0]}`, `\${upper(vault_mount.kv.path)}`, `\${vault_mount.kv.color}`];
    const policies = Object.fromEntries(names.map((name, index) => [`p${index}`, { name, policy: '' }]));
    expect(() => plan({ vault_mount: { kv: mount }, vault_policy: policies })).toThrow(
      expect.objectContaining({
        code: 'unsupported_expression',
        details: { problems: names.map((name, index) => `"${name}" in "vault_policy.p${index}"`) },
      }),
    );
  });

  test('for a dependency that is not there', () => {
    expect(() => plan({ vault_policy: { p: { ...policy, depends_on: ['vault_mount.kv'] } } })).toThrow(
      expect.objectContaining({
        code: 'declaration_invalid',
        details: { problems: ['depends_on "vault_mount.kv" of "vault_policy.p" (nothing declares that)'] },
      }),
    );
  });

  test('for a circle, with those that are in it alone', () => {
    expect(() =>
      plan({
        vault_policy: {
          a: { name: `\${vault_policy.b.name}`, policy: '' },
          b: { name: `\${vault_policy.a.name}`, policy: '' },
          c: { name: `\${vault_policy.a.name}`, policy: '' },
          d: policy,
        },
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'dependency_cycle',
        details: { addresses: ['vault_policy.a', 'vault_policy.b'] },
      }),
    );
  });

  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])(
    'for the argument "%s", which every object has',
    (name) => {
      const body = JSON.parse(`{"name": "p", "policy": "", "${name}": "x"}`) as Readonly<Record<string, unknown>>;
      expect(() => plan({ vault_policy: { p: body } })).toThrow(
        expect.objectContaining({ code: 'unsupported_attribute' }),
      );
    },
  );
});
