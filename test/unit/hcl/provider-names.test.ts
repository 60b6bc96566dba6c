import { readAccess } from 'vaultproof/access';
import { expect, test } from 'vitest';
import { readRootModules, readSource } from '../../../harness/hcl/index.js';
import { folderWith } from '../../support/temporary-folder.js';

const required = `
terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
    v2    = { source = "registry.terraform.io/hashicorp/vault" }
  }
}
`;
const provider = (name: string, body: string): string => `provider "${name}" {\n  ${body}\n}\n`;
const policy = (name: string, meta = ''): string =>
  `resource "vault_policy" "${name}" {\n  ${meta}\n  name   = "${name}"\n  policy = ""\n}\n`;

/** The namespace of each policy, as an apply has it: counted from where the server is. */
async function namespacesOf(files: Readonly<Record<string, string>>) {
  const [document] = await readSource(await folderWith(files));
  const policies = document?.json['resource'] as {
    vault_policy: Record<string, { name: string; provider?: string }>;
  };
  const blocks = (document?.json['provider'] ?? {}) as Record<string, { alias?: string; namespace: string }[]>;
  const namespaces = new Map(
    Object.entries(blocks).flatMap(([name, all]) =>
      all.map(({ alias, namespace }) => [alias === undefined ? name : `${name}.${alias}`, namespace]),
    ),
  );
  return Object.fromEntries(
    Object.values(policies.vault_policy).map((one) => [one.name, namespaces.get(one.provider ?? 'vault') ?? '']),
  );
}

test('two local names of one source are the same provider', async () => {
  const main = [
    required,
    provider('vault', 'namespace = "admin"'),
    provider('v2', 'alias = "team"\n  namespace = "admin/team"'),
    policy('own'),
    policy('other', 'provider = v2'),
    policy('alias', 'provider = v2.team'),
    policy('alias-by-the-first', 'provider = vault.team'),
  ].join('');
  expect(await namespacesOf({ 'main.tf': main })).toEqual({
    own: '',
    other: '',
    alias: 'team',
    'alias-by-the-first': 'team',
  });
  const { policies } = await readAccess(await folderWith({ 'main.tf': main }));
  expect([...policies.keys()].sort()).toEqual(['other', 'own', 'team/alias', 'team/alias-by-the-first']);
});

test('a provider block by the other name configures the resources of both', async () => {
  const main =
    required + provider('v2', 'namespace = "admin"') + provider('vault', 'alias = "team"\n  namespace = "admin/team"');
  const files = { 'main.tf': main + policy('own') + policy('alias', 'provider = v2.team') };
  expect(await namespacesOf(files)).toEqual({ own: '', alias: 'team' });
  const [root] = await readRootModules(await folderWith(files), {});
  expect([...(root?.namespaces.relative ?? [])].sort()).toEqual([
    ['v2', ''],
    ['v2.team', 'team'],
    ['vault', ''],
    ['vault.team', 'team'],
  ]);
});

test('a module has a local name of its own for the provider that it is given, or has from its caller', async () => {
  const main = `${required}${provider('vault', 'namespace = "admin"')}${provider('v2', 'alias = "team"\n  namespace = "admin/team"')}
module "given" {
  source    = "./m"
  providers = { hc = v2.team }
  name      = "given"
}
module "inherited" {
  source = "./m"
  name   = "inherited"
}
`;
  const module = `terraform {\n  required_providers {\n    hc = { source = "hashicorp/vault" }\n  }\n}\nvariable "name" {}\nresource "vault_policy" "p" {\n  provider = hc\n  name = var.name\n}\n`;
  expect(await namespacesOf({ 'main.tf': main, 'm/main.tf': module })).toEqual({ given: 'team', inherited: '' });
});

test('two blocks without an alias, by two names of one source, are refused', async () => {
  const main =
    required + provider('vault', 'namespace = "admin"') + provider('v2', 'namespace = "other"') + policy('own');
  const folder = await folderWith({ 'main.tf': main });
  await expect(readSource(folder)).rejects.toMatchObject({ code: 'declaration_invalid', message: /"vault" and "v2"/ });
  await expect(readAccess(folder)).rejects.toMatchObject({ code: 'declaration_invalid' });
});

test.each(['v3', 'vault.nope', 'v2.nope'])(
  'a resource of the provider %s, which is not configured, is refused',
  async (name) => {
    const main = required + provider('vault', 'alias = "team"') + policy('own', `provider = ${name}`);
    await expect(readSource(await folderWith({ 'main.tf': main }))).rejects.toMatchObject({
      code: 'expression_invalid',
      message: expect.stringMatching(/^main\.tf:\d+:1: "vault_policy\.own": the provider ".*" is not configured: /),
    });
  },
);
