import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Environment, readConsulState, readVaultState, stateDifferences } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach } from 'vitest';
import { declaredOf, fixtureLogins, neededByLogins } from '../../support/hcl.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { requiresProviders } from '../../support/terraform-provider.js';

test.override({ fileServices: { consul: true } });

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

beforeEach(requiresProviders('vault', 'consul'));

const folders = new Map(fixtureLogins());

/** A backend, a provider that logs in at another server, and a policy. */
const deployed = `
  terraform {
    backend "s3" {
      bucket = "acme-terraform"
      key    = "vault.tfstate"
      region = "eu-central-1"
    }
    required_providers {
      vault = { source = "hashicorp/vault" }
    }
  }
  provider "vault" {
    address         = "https://vault.acme.example"
    token           = "of-another-server"
    ca_cert_file    = "/etc/ssl/vault.pem"
    skip_tls_verify = true
    auth_login {
      path       = "auth/approle/login"
      parameters = { role_id = "deployer" }
    }
  }
  provider "vault" {
    alias   = "second"
    address = "https://second.acme.example"
    dynamic "auth_login_userpass" {
      for_each = ["deployer"]
      content {
        username = auth_login_userpass.value
        password = "of-another-server"
      }
    }
  }
  variable "teams" {
    type = map(object({ paths = list(string) }))
  }
  variable "stage" {}
  resource "vault_policy" "team" {
    for_each = var.teams
    name     = "\${var.stage}-\${each.key}"
    policy   = templatefile("\${path.module}/policy.tftpl", { paths = each.value.paths })
  }
  resource "vault_policy" "second" {
    provider = vault.second
    name     = "second"
    policy   = file("policy.hcl")
  }
  output "names" {
    value = [for policy in vault_policy.team : policy.name]
  }
`;

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return folder;
}

const read = 'path "kv/data/x" { capabilities = ["read"] }\n';

test.each([...folders.keys()])('Terraform and the direct provisioner make the same of the folder %s', async (name) => {
  const folder = folders.get(name) ?? '';
  const server = name.startsWith('consul-') ? env.consul : env.vault;
  const given = { jwks_url: env.issuer.jwksUrlFor(server), issuer: env.issuer.url };
  const names = declaredOf(folder, Object.keys(given)) as (keyof typeof given)[];
  const variables = Object.fromEntries(names.map((one) => [one, given[one]]));
  const needed = neededByLogins[name];
  if (needed !== undefined && !(await env.vault.supports(needed))) {
    const refused = env.applyTerraform(folder, { provisioner: 'terraform', variables });
    await expect(refused).rejects.toMatchObject({ code: 'unsupported_by_server' });
    return;
  }
  const states = async () => ({ ...(await readVaultState(env.vault)), ...(await readConsulState(env.consul)) });
  const before = await states();

  const byTerraform = await env.applyTerraform(folder, { provisioner: 'terraform', variables });
  const left = await states();
  await env.terraform.destroy(folder);
  expect(stateDifferences(before, await states())).toEqual([]);

  const directly = await env.applyTerraform(folder, { variables });
  const right = await states();
  await env.applyJson({ output: { none: { value: 0 } } }, folder);

  expect(stateDifferences(left, right)).toEqual([]);
  expect(stateDifferences(before, left)).not.toEqual([]);
  expect(byTerraform.created.toSorted()).toEqual(directly.created.toSorted());
  // A mount that is made again has another accessor.
  expect({ ...byTerraform.outputs, accessor: '' }).toEqual({ ...directly.outputs, accessor: '' });
  expect(byTerraform).toMatchObject({ pending: [], differences: [], passedOver: [] });
});

test('neither the backend nor the servers, logins and CAs of provider blocks are used', async () => {
  const parent = await temporaryFolder();
  const folder = await write(join(parent, 'vault'), {
    'main.tf': deployed,
    'policy.tftpl': `%{ for path in paths ~}\npath "\${path}" { capabilities = ["read"] }\n%{ endfor ~}\n`,
    'policy.hcl': read,
    'stage.tfvars': 'stage = "test"',
    'terraform.tfvars': 'stage = "production"',
    'terraform.tfstate': '{"version": 4, "canary": true}',
    '.terraform/terraform.tfstate': '{"version": 3, "backend": {"type": "s3"}}',
    'node_modules/large/index.js': '',
  });
  const options = {
    provisioner: 'terraform',
    variables: { teams: { billing: { paths: ['kv/data/billing', `kv/data/\${x}`] } } },
    variableFiles: ['stage.tfvars'],
  } as const;
  const applied = await env.applyTerraform(folder, options);
  expect(applied.created.toSorted()).toEqual(['vault_policy.second', 'vault_policy.team["billing"]']);
  expect(applied.outputs).toEqual({ names: ['test-billing'] });
  const { data } = await env.vault.request('GET', 'sys/policies/acl/test-billing');
  expect(data).toMatchObject({ policy: expect.stringContaining(`path "kv/data/\${x}"`) });

  // The folder is left unchanged, and its copy has only what Terraform needs.
  expect((await readdir(folder)).sort()).toEqual(
    ['.terraform', 'main.tf', 'node_modules', 'policy.hcl', 'policy.tftpl', 'stage.tfvars'].concat([
      'terraform.tfstate',
      'terraform.tfvars',
    ]),
  );
  const run = await env.terraform.folder(folder);
  const copied = await readdir(join(run, 'copy', 'vault'));
  expect(copied).toContain('policy.tftpl');
  expect(copied).not.toContain('node_modules');
  expect(copied).not.toContain('terraform.tfstate');
  expect(await readFile(join(run, 'terraform.tfstate'), 'utf8')).toContain('test-billing');

  await writeFile(join(folder, 'policy.hcl'), read.replace('read', 'list'));
  expect(await env.applyTerraform(folder, options)).toMatchObject({ created: [], updated: ['vault_policy.second'] });
  await env.terraform.destroy(folder);
});

test('a stack of cdktf is applied with its variables', async () => {
  const json = {
    variable: { stage: { type: 'string' } },
    provider: { vault: [{ address: 'https://vault.acme.example' }] },
    resource: { vault_policy: { one: { name: `\${var.stage}-one`, policy: read } } },
  };
  const folder = await write(await temporaryFolder(), { 'stacks/policies/cdk.tf.json': JSON.stringify(json) });
  const applied = await env.applyTerraform(folder, { provisioner: 'terraform', variables: { stage: 'test' } });
  expect(applied.created).toEqual(['vault_policy.one']);
  await env.terraform.destroy('policies');
});

test('a symbolic link inside the folder is kept, and one that leaves it is refused', async () => {
  const parent = await temporaryFolder();
  const folder = await write(join(parent, 'vault'), {
    'main.tf': 'resource "vault_policy" "linked" {\n  name = "linked"\n  policy = file("policies/linked.hcl")\n}\n',
    'policies/reader.hcl': read,
    '../secret.hcl': read,
  });
  await symlink('reader.hcl', join(folder, 'policies', 'linked.hcl'));
  const applied = await env.applyTerraform(folder, { provisioner: 'terraform' });
  expect(applied.created).toEqual(['vault_policy.linked']);
  await env.terraform.destroy(folder);

  await symlink(join(parent, 'secret.hcl'), join(folder, 'policies', 'outside.hcl'));
  await expect(env.applyTerraform(folder, { provisioner: 'terraform' })).rejects.toMatchObject({
    code: 'file_outside_folder',
    details: { file: 'policies/outside.hcl' },
  });
});

test('what reaches other systems is refused in HCL, too', async () => {
  const folder = await write(await temporaryFolder(), {
    'main.tf':
      'resource "vault_policy" "one" {\n  name = "one"\n  policy = ""\n  provisioner "local-exec" {\n    command = "true"\n  }\n}\n',
  });
  await expect(env.applyTerraform(folder, { provisioner: 'terraform' })).rejects.toMatchObject({
    code: 'reaches_elsewhere',
    details: { named: ['local-exec'] },
  });
  await write(folder, { 'main.tf': 'resource "local_file" "one" {\n  filename = "/tmp/x"\n  content = "x"\n}\n' });
  await expect(env.applyTerraform(folder, { provisioner: 'terraform' })).rejects.toMatchObject({
    code: 'unsupported_provider',
    details: { providers: ['hashicorp/local'] },
  });
});

test('a variable without a value, patterns to ignore and another provisioner are refused', async () => {
  const folder = await write(await temporaryFolder(), { 'main.tf': 'variable "stage" {}\n' });
  const apply = (options: object) => env.applyTerraform(folder, options as { provisioner: 'terraform' });
  await expect(apply({ provisioner: 'terraform' })).rejects.toMatchObject({
    code: 'variable_missing',
    details: { variables: ['stage'] },
  });
  await expect(apply({ provisioner: 'terraform', ignore: ['vault_pki_*'] })).rejects.toBeInstanceOf(TypeError);
  await expect(apply({ provisioner: 'tofu' })).rejects.toBeInstanceOf(TypeError);
});
