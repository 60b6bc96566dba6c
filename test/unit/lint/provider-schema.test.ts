import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { lint, lintCoverage } from 'vaultproof/lint';
import { describe, expect, test } from 'vitest';
import { providerArguments, providerTypes } from '../../../harness/lint/provider-schema.js';
import { resourceTypes } from '../../../harness/provision/resources/index.js';

/** The classes that CDKTF has for the providers: the type of each, and the arguments that it takes. */
const classes = ['vault', 'consul'].flatMap((provider) => {
  const folder = `node_modules/@cdktf/provider-${provider}/lib`;
  return readdirSync(folder).flatMap((name) => {
    const file = `${folder}/${name}/index.js`;
    const source = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const type = /tfResourceType = "([^"]+)"/.exec(source)?.[1];
    if (type === undefined || type === provider) return [];
    const [, body = ''] = /synthesizeAttributes\(\) \{\s*return \{([\s\S]*?)\n {8}\};/.exec(source) ?? [];
    return [
      {
        type,
        isResource: !name.startsWith('data-'),
        names: [...body.matchAll(/^ {12}(\w+):/gm)].map(([, one]) => one),
      },
    ];
  });
});

test('every type of the providers is known, and none that they do not have', () => {
  expect([...providerTypes].toSorted()).toEqual([...new Set(classes.map(({ type }) => type))].toSorted());
});

test.each(Object.keys(providerArguments))('every argument of %s is known', (type) => {
  const names = classes.find((one) => one.type === type && one.isResource)?.names ?? [];
  const applied = Object.keys(resourceTypes.get(type)?.schema.shape ?? {});
  expect(names.length).toBeGreaterThan(0);
  expect(
    [...names, ...applied].filter((name) => name !== 'id' && !providerArguments[type]?.includes(name ?? '')),
  ).toEqual([]);
});

const found = (resource: unknown, kind = 'resource') =>
  lint({ [kind]: resource })
    .filter(({ code }) => code.startsWith('unknown-'))
    .map(({ code, attribute, fix }) => [code, attribute, /"([^"]+)"/.exec(fix)?.[1]]);

describe('unknown-type', () => {
  test.each([
    ['vault_jwt_auth_backend_rol', 'vault_jwt_auth_backend_role'],
    ['vault_polcy', 'vault_policy'],
    ['consul_acl_binding_rules', 'consul_acl_binding_rule'],
  ])('finds %s', (type, meant) => {
    expect(found({ [type]: { a: {} } })).toEqual([['unknown-type', undefined, meant]]);
  });

  test('finds one of a data source', () => {
    const data = { vault_policy_documents: { a: {} } };
    expect(found(data, 'data')).toEqual([['unknown-type', undefined, 'vault_policy_document']]);
  });

  test.each(['vault_quantum_secret_backend', 'consul_mesh_gateway', 'aws_polcy', 'vault_mount'])(
    'leaves out %s',
    (type) => {
      expect(found({ [type]: { a: { path: 'x', type: 'kv' } } })).toEqual([]);
    },
  );

  test('is passed over', () => {
    expect(lintCoverage({ resource: { vault_jwt_auth_backend_rol: { a: {} } } }).passedOver).toEqual([
      { kind: 'resource', address: 'vault_jwt_auth_backend_rol.a', reason: 'vault_jwt_auth_backend_rol' },
    ]);
  });
});

describe('unknown-argument', () => {
  test.each([
    ['vault_jwt_auth_backend', 'bound_isuer', 'bound_issuer'],
    ['vault_jwt_auth_backend_role', 'token_policy', 'token_policies'],
    ['vault_kubernetes_auth_backend_role', 'bound_service_account_name', 'bound_service_account_names'],
    ['consul_acl_binding_rule', 'selecter', 'selector'],
  ])('finds that of %s called "%s"', (type, name, meant) => {
    expect(found({ [type]: { a: { [name]: 'x', lifecycle: {}, for_each: ['a'] } } })).toEqual([
      ['unknown-argument', name, meant],
    ]);
  });

  test.each([
    ['vault_jwt_auth_backend', { quantum_safe: true }],
    ['vault_jwt_auth_backend', { bound_issuer: 'x', bound_issuers: ['x'] }],
    ['vault_mount', { pathh: 'x' }],
  ])('leaves out what a newer provider may have of %s: %j', (type, body) => {
    expect(found({ [type]: { a: body } })).toEqual([]);
  });
});

test('a plan, which Terraform has checked, has neither', () => {
  const of = (type: string, values: object) => ({ address: `${type}.a`, mode: 'managed', type, name: 'a', values });
  const resources = [of('vault_polcy', {}), of('vault_jwt_auth_backend', { bound_isuer: 'x' })];
  const plan = { format_version: '1.2', planned_values: { root_module: { resources } } };
  expect(lint(plan).filter(({ code }) => code.startsWith('unknown-'))).toEqual([]);
});
