import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DeclaredAccess, readAccess } from 'vaultproof/access';
import { expect, test } from 'vitest';
import { entityPairs, groupPairs, identityDocumentOf } from '../../integration/access/diff-identity-pairs.js';
import { bePatient } from '../../support/patience.js';
import { planOf } from '../../support/plan-of.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

bePatient();

type Resources = Readonly<Record<string, Readonly<Record<string, object>>>>;

const sides = [...groupPairs, ...entityPairs].flatMap(({ base, head }) => [base, head]);
const declared = identityDocumentOf(sides) as { readonly resource: Resources };

/** What is there has what a provider computes. */
function applied({ resource }: typeof declared): { readonly resource: Resources } {
  const all = Object.entries(resource).map(([type, named]) => [
    type,
    Object.fromEntries(
      Object.entries(named).map(([name, body]) => [
        name,
        { ...body, id: `id of ${type}.${name}`, accessor: `accessor of ${type}.${name}` },
      ]),
    ),
  ]);
  return { resource: Object.fromEntries(all) as Resources };
}

function identitiesOf({ logins, undecided }: DeclaredAccess): unknown {
  return {
    undecided,
    all: logins.map(({ mount, entities, groups, policies }) => ({ mount, entities, groups, policies })),
  };
}

test('a plan has the entities and groups of the configuration that it is made of', async () => {
  const configured = await readAccess([declared]);
  expect(configured.undecided).toEqual([]);
  expect(configured.logins.filter(({ groups }) => groups !== undefined).length).toBeGreaterThan(20);
  expect(configured.logins.filter(({ entities }) => entities !== undefined).length).toBeGreaterThan(10);
  expect(identitiesOf(await readAccess([planOf(declared)]))).toEqual(identitiesOf(configured));
});

test('so has a plan of what is there already, which has the ids in place of references', async () => {
  const { configuration: _written, ...plan } = planOf(applied(declared)) as Readonly<Record<string, unknown>>;
  expect(identitiesOf(await readAccess([plan]))).toEqual(identitiesOf(await readAccess([declared])));
});

test('an alias of either of two entities is undecided', async () => {
  const either = (name: string) => ({
    references: [`vault_identity_entity.${name}.id`, `vault_identity_entity.${name}`],
  });
  const resources = ['one', 'two'].map((name) => ({
    ...{ address: `vault_identity_entity.${name}`, type: 'vault_identity_entity', name, mode: 'managed' },
    values: { name, policies: [name] },
  }));
  const alias = {
    ...{ address: 'vault_identity_entity_alias.me', type: 'vault_identity_entity_alias', name: 'me', mode: 'managed' },
    values: { name: 'me' },
  };
  const expressions = { canonical_id: { references: [...either('one').references, ...either('two').references] } };
  const plan = {
    ...{ format_version: '1.2', planned_values: { root_module: { resources: [...resources, alias] } } },
    resource_changes: [{ address: alias.address, change: { after_unknown: { canonical_id: true } } }],
    configuration: { root_module: { resources: [{ ...alias, expressions }] } },
  };
  expect((await readAccess([plan])).undecided).toContain(
    'vault_identity_entity_alias.me: its name, its entity or its auth method is not known',
  );
});

test('HCL with for_each and a data source for the auth method', async () => {
  const folder = await temporaryFolder();
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'main.tf'),
    `
data "vault_auth_backend" "jwt" {
  path = "jwt"
}
locals {
  people = { ann = ["ops"], bob = [] }
}
resource "vault_identity_entity" "people" {
  for_each = local.people
  name     = each.key
  policies = each.value
}
resource "vault_identity_entity_alias" "people" {
  for_each       = local.people
  name           = "\${each.key}@acme.example"
  mount_accessor = data.vault_auth_backend.jwt.accessor
  canonical_id   = vault_identity_entity.people[each.key].id
}
resource "vault_identity_group" "team" {
  name              = "team"
  policies          = ["team"]
  member_entity_ids = [for entity in vault_identity_entity.people : entity.id]
}
resource "vault_jwt_auth_backend_role" "ci" {
  backend         = "jwt"
  role_name       = "ci"
  role_type       = "jwt"
  user_claim      = "email"
  bound_audiences = ["vault"]
}
`,
  );
  const { logins } = await readAccess(folder);
  expect(logins[0]?.entities).toEqual([
    { name: 'ann@acme.example', policies: ['ops', 'team'] },
    { name: 'bob@acme.example', policies: ['team'] },
  ]);
});
