import { expect, test } from 'vitest';
import { type ReadOptions, readSource, readUnapplied } from '../../../harness/hcl/index.js';
import { folderWith } from '../../support/temporary-folder.js';

/** What a folder with these files evaluates to. */
async function documentOf(files: Readonly<Record<string, string>>, options: ReadOptions = {}) {
  const [document] = await readSource(await folderWith(files), options);
  if (!document) throw new Error('no document');
  return document;
}

const entities = `
resource "vault_identity_entity" "person" {
  for_each = toset(["ann", "bob"])
  name     = each.key
}
`;
const jwt = `
resource "vault_jwt_auth_backend" "ci" {
  path = "ci"
}
`;

test('whole resources are given to a module whose variables name their attributes', async () => {
  const { json } = await documentOf({
    'main.tf': `${entities}${jwt}
module "access" {
  source  = "./access"
  backend = vault_jwt_auth_backend.ci
  people  = vault_identity_entity.person
}
`,
    'access/main.tf': `
variable "backend" {
  type = object({ path = string, accessor = string })
}
variable "people" {
  type = map(object({ id = string, name = string }))
}
resource "vault_identity_entity_alias" "alias" {
  for_each       = var.people
  name           = upper(each.value.name)
  canonical_id   = each.value.id
  mount_accessor = var.backend.accessor
}
resource "vault_policy" "path" {
  name = upper(var.backend.path)
}
`,
  });
  expect(json['resource']).toMatchObject({
    vault_identity_entity_alias: {
      'access-alias-ann': {
        name: 'ANN',
        canonical_id: `\${vault_identity_entity.person-ann.id}`,
        mount_accessor: `\${vault_jwt_auth_backend.ci.accessor}`,
      },
      'access-alias-bob': { name: 'BOB' },
    },
    vault_policy: { 'access-path': { name: 'CI' } },
  });
});

test('a set of what only an apply tells may be an argument', async () => {
  const { json } = await documentOf({
    'main.tf': `${entities}
locals {
  ids = [for person in vault_identity_entity.person : person.id]
}
resource "vault_identity_group" "set" {
  member_entity_ids = toset(local.ids)
}
resource "vault_identity_group" "distinct" {
  member_entity_ids = distinct(concat(local.ids, local.ids))
}
resource "vault_identity_group" "union" {
  member_entity_ids = setunion([local.ids[0]], toset(local.ids))
}
`,
  });
  const both = [`\${vault_identity_entity.person-ann.id}`, `\${vault_identity_entity.person-bob.id}`];
  expect(json['resource']).toMatchObject({
    vault_identity_group: {
      set: { member_entity_ids: both },
      distinct: { member_entity_ids: both },
      union: { member_entity_ids: both },
    },
  });
});

test('how many there are in a set of what only an apply tells, only an apply tells', async () => {
  const counted = `${entities}
resource "vault_policy" "each" {
  count = length(toset([for person in vault_identity_entity.person : person.id]))
}
`;
  await expect(documentOf({ 'main.tf': counted })).rejects.toMatchObject({ code: 'value_unknown' });
});

test('an output with a whole resource in it is passed over, and no other', async () => {
  const { json, passedOver } = await documentOf({
    'main.tf': `${jwt}
output "path" {
  value = vault_jwt_auth_backend.ci.path
}
output "whole" {
  value = { a = vault_jwt_auth_backend.ci.path, b = vault_jwt_auth_backend.ci }
}
`,
  });
  expect(json['output']).toEqual({ path: { value: `\${vault_jwt_auth_backend.ci.path}` } });
  expect(passedOver).toEqual([
    { address: 'output.whole', reason: '"vault_jwt_auth_backend.ci" is known only after an apply' },
  ]);
});

test('what needs an ephemeral resource that is ignored is passed over with it', async () => {
  const files = {
    'main.tf': `
ephemeral "random_password" "db" {
  length = 20
}
resource "vault_kv_secret_v2" "db" {
  mount        = "kv"
  name         = "db"
  data_json_wo = jsonencode({ password = ephemeral.random_password.db.result })
}
resource "vault_policy" "kept" {
  name = "kept"
}
`,
  };
  const { json, passedOver } = await documentOf(files, { ignore: ['ephemeral.random_password'] });
  expect(Object.keys(json['resource'] as object)).toEqual(['vault_policy']);
  expect(passedOver).toEqual([
    { address: 'ephemeral.random_password.db', reason: expect.any(String) },
    { address: 'vault_kv_secret_v2.db', reason: 'it needs "ephemeral.random_password.db"' },
  ]);
  expect((await documentOf(files)).json['resource']).toMatchObject({
    vault_kv_secret_v2: { db: { data_json_wo: `{"password":"\${ephemeral.random_password.db.result}"}` } },
  });
});

test('a dollar sign or a percent sign that is written as a value is none of a template', async () => {
  const { json } = await documentOf({
    'main.tf': `resource "vault_policy" "p" {\n  name   = "p"\n  policy = "\${"$"}{x} \${ "%" }{y} $\${z}"\n}\n`,
  });
  expect(json['resource']).toMatchObject({ vault_policy: { p: { policy: `$\${x} %%{y} $\${z}` } } });
});

test('the namespaces of providers count from the one that all are in, and a module has its providers by their own names', async () => {
  const { json } = await documentOf({
    'main.tf': `
provider "vault" {
  namespace = "admin"
}
provider "vault" {
  alias     = "team"
  namespace = "admin/\${local.team}/"
}
provider "vault" {
  alias     = "other"
  namespace = "/admin/other"
}
locals {
  team = "payments"
}
resource "vault_policy" "root" {
  name = "root"
}
resource "vault_policy" "team" {
  provider = vault.team
  name     = "team"
}
resource "vault_policy" "below" {
  provider  = vault.team
  namespace = "ci"
  name      = "below"
}
module "plain" {
  source = "./policy"
  providers = {
    vault.special = vault
  }
}
module "given" {
  source = "./policy"
  providers = {
    vault         = vault.team
    vault.special = vault.other
  }
}
`,
    'policy/main.tf': `
resource "vault_policy" "own" {
  name = "own"
}
resource "vault_policy" "special" {
  provider = vault.special
  name     = "special"
}
module "inner" {
  source = "./inner"
}
`,
    'policy/inner/main.tf': 'resource "vault_policy" "inner" {\n  name = "inner"\n}\n',
  });
  expect(json['provider']).toEqual({
    vault: [
      { alias: 'team', namespace: 'payments' },
      { alias: 'other', namespace: 'other' },
    ],
  });
  const policies = (json['resource'] as Record<string, Record<string, Record<string, unknown>>>)['vault_policy'] ?? {};
  const placed = Object.entries(policies).map(([name, body]) => [name, [body['provider'], body['namespace']]]);
  expect(Object.fromEntries(placed)).toEqual({
    root: [undefined, undefined],
    team: ['vault.team', undefined],
    below: ['vault.team', 'ci'],
    'plain-own': [undefined, undefined],
    'plain-special': [undefined, undefined],
    'plain-inner-inner': [undefined, undefined],
    'given-own': ['vault.team', undefined],
    'given-special': ['vault.other', undefined],
    'given-inner-inner': ['vault.team', undefined],
  });
});

const named = (namespace: string, alias = ''): string =>
  `provider "vault" {\n${alias && `  alias = "${alias}"\n`}${namespace && `  namespace = ${namespace}\n`}}\n`;

test.each([
  ['one alone', named('"admin"'), undefined],
  ['one with slashes', named('"/admin/"') + named('"admin/a/"', 'a'), [{ alias: 'a', namespace: 'a' }]],
  [
    'one without a namespace',
    named('"admin"') + named('', 'root'),
    [{ namespace: 'admin' }, { alias: 'root', namespace: '' }],
  ],
  [
    'one whose name only begins alike',
    named('"admin"') + named('"administration"', 'a'),
    [{ namespace: 'admin' }, { alias: 'a', namespace: 'administration' }],
  ],
  ['two siblings', named('"admin/a"') + named('"admin/b"', 'b'), [{ namespace: 'a' }, { alias: 'b', namespace: 'b' }]],
  ['no default provider', named('"admin/a"', 'a'), [{ alias: 'a', namespace: 'admin/a' }]],
  [
    'one that is declared by a resource',
    `${named('"admin"') + named(`"admin/\${vault_namespace.a.path}"`, 'a')}resource "vault_namespace" "a" {\n  path = "a"\n}\n`,
    [{ alias: 'a', namespace: 'a' }],
  ],
  [
    'one that only an apply tells',
    `${named('"admin"') + named('vault_namespace.a.path_fq', 'a')}resource "vault_namespace" "a" {\n  path = "a"\n}\n`,
    [{ namespace: 'admin' }, { alias: 'a', namespace: `\${vault_namespace.a.path_fq}` }],
  ],
])('where the providers are: %s', async (_, providers, expected) => {
  const { json } = await documentOf({ 'main.tf': `${providers}resource "vault_policy" "p" {\n  name = "p"\n}\n` });
  expect(json['provider']).toEqual(expected && { vault: expected });
});

test('a provider that is called otherwise, or overridden, has its namespace', async () => {
  const { json } = await documentOf({
    'main.tf': `terraform {
  required_providers {
    hc = { source = "hashicorp/vault" }
    other = { source = "acme/vault" }
  }
}
${named('"admin"').replace('"vault"', '"hc"')}${named('"admin/a"', 'a').replace('"vault"', '"hc"')}${named('"admin/b"').replace('"vault"', '"other"')}
resource "vault_policy" "p" {
  provider = hc.a
  name     = "p"
}
`,
    'main_override.tf': 'provider "hc" {\n  address = "https://vault.acme.example"\n}\n',
  });
  expect(json).toMatchObject({ resource: { vault_policy: { p: { provider: 'vault.a' } } } });
  expect(json['provider']).toEqual({ vault: [{ alias: 'a', namespace: 'a' }] });
});

test('a resource needs what tells the namespace of its provider', async () => {
  const { json } = await documentOf({
    'main.tf': `${named('vault_namespace.a.path', 'a')}resource "vault_namespace" "a" {\n  path = "a"\n}\nresource "vault_policy" "p" {\n  provider = vault.a\n  name = "p"\n}\n`,
  });
  expect(json['resource']).toMatchObject({
    vault_policy: { p: { provider: 'vault.a', depends_on: ['vault_namespace.a'] } },
  });
});

test('a whole resource in an output is kept as a reference where a configuration is only looked at', async () => {
  const folder = await folderWith({
    'main.tf': `${jwt}
module "inner" {
  source = "./inner"
}
output "whole" {
  value = { a = vault_jwt_auth_backend.ci.path, b = vault_jwt_auth_backend.ci }
}
output "inner" {
  value = module.inner
}
`,
    'inner/main.tf': 'resource "vault_policy" "p" {\n  name = "p"\n}\noutput "policy" {\n  value = vault_policy.p\n}\n',
  });
  expect((await readUnapplied(folder)).json['output']).toEqual({
    whole: { value: { a: `\${vault_jwt_auth_backend.ci.path}`, b: `\${vault_jwt_auth_backend.ci}` } },
    inner: { value: { policy: `\${module.inner.vault_policy.p}` } },
  });
});
