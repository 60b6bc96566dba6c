import { basename, dirname } from 'node:path';
import { type Environment, readVaultState, stateDifferences } from 'vaultproof';
import { readAccess } from 'vaultproof/access';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach, describe } from 'vitest';
import { folderWith } from '../../support/temporary-folder.js';
import { requiresProviders } from '../../support/terraform-provider.js';
import { ofProduct } from '../../support/vault-of-tests.js';

// Where the providers of a root module put what it declares: the namespace that all of them are in is the server's own.

const policy = (name: string, more = ''): string => `
resource "vault_policy" "${name}" {
  name   = "${name}"
  policy = "path \\"kv/data/one\\" { capabilities = [\\"read\\"] }"
  ${more}
}
`;
const namespace = (path: string, more = ''): string => `
resource "vault_namespace" "${path}" {
  path = "${path}"
  ${more}
}
`;
const provider = (more: string): string => `\nprovider "vault" {\n  ${more}\n}\n`;

interface Root {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  /** The namespaces that are there before. */
  readonly before?: readonly string[];
  /** The policies afterwards, with their namespaces. */
  readonly policies: readonly string[];
  /** Those whose namespace only an apply tells. */
  readonly unknown?: readonly string[];
}

const roots: readonly Root[] = [
  {
    title: 'the namespace of the default provider is the server, and what is below it counts from there',
    files: {
      'main.tf':
        provider('namespace = "admin"') +
        provider('alias = "team"\n  namespace = "admin/team/"') +
        namespace('team') +
        policy('plain') +
        policy('own', 'namespace = vault_namespace.team.path') +
        policy('aliased', 'provider = vault.team\n  depends_on = [vault_namespace.team]'),
    },
    policies: ['plain', 'team/aliased', 'team/own'],
  },
  {
    title: 'a resource of an aliased provider may be in a namespace below that of the provider',
    files: {
      'main.tf':
        provider('namespace = "admin"') +
        provider('alias = "team"\n  namespace = "admin/team"') +
        namespace('team') +
        namespace('ci', 'provider = vault.team\n  depends_on = [vault_namespace.team]') +
        policy('below', 'provider = vault.team\n  namespace = vault_namespace.ci.path_fq') +
        policy('beside', 'provider = vault.team\n  namespace = vault_policy.below.namespace') +
        'output "path_fq" {\n  value = vault_namespace.ci.path_fq\n}\n',
    },
    policies: ['team/ci/below', 'team/ci/beside'],
    unknown: ['team/ci/beside'],
  },
  {
    title: 'a provider without a namespace is in the root namespace, not in that of the default provider',
    files: {
      'main.tf':
        provider('namespace = vault_namespace.team.path') +
        provider('alias = "root"') +
        namespace('team', 'provider = vault.root') +
        policy('same') +
        policy('other', 'provider = vault.root\n  depends_on = [vault_policy.same]'),
    },
    policies: ['other', 'team/same'],
  },
  {
    title: 'a provider beside the default one stays apart from a namespace below that one',
    files: {
      'main.tf':
        provider('namespace = "admin"') +
        provider('alias = "team"\n  namespace = "admin/shared"') +
        provider('alias = "shared"\n  namespace = "shared"') +
        policy('plain') +
        policy('team', 'provider = vault.team') +
        policy('shared', 'provider = vault.shared'),
    },
    before: ['admin', 'admin/shared', 'shared'],
    policies: ['admin/plain', 'admin/shared/team', 'shared/shared'],
  },
  {
    title: 'providers of two teams are in the namespace that both are in',
    files: {
      'main.tf':
        provider('namespace = "admin/one"') +
        provider('alias = "two"\n  namespace = "admin/two"') +
        provider('alias = "admin"\n  namespace = "admin"') +
        namespace('one', 'provider = vault.admin') +
        namespace('two', 'provider = vault.admin') +
        policy('in-one', 'depends_on = [vault_namespace.one]') +
        policy('in-two', 'provider = vault.two\n  depends_on = [vault_namespace.two]'),
    },
    policies: ['one/in-one', 'two/in-two'],
  },
  {
    title: 'a namespace that only an apply tells is that of its provider',
    files: {
      'main.tf':
        provider('namespace = "admin"') +
        provider(`alias = "team"\n  namespace = "admin/\${vault_namespace.team.path_fq}"`) +
        namespace('team') +
        policy('aliased', 'provider = vault.team'),
    },
    policies: ['team/aliased'],
    unknown: ['team/aliased'],
  },
  {
    title: 'a provider that is called otherwise, and one that is overridden, count as well',
    files: {
      'main.tf':
        `
terraform {
  required_providers {
    hc = { source = "hashicorp/vault" }
  }
}
` +
        provider('namespace = "admin"').replace('"vault"', '"hc"') +
        provider('alias = "team"\n  namespace = "admin/team"').replace('"vault"', '"hc"') +
        namespace('team', 'provider = hc') +
        policy('plain', 'provider = hc') +
        policy('aliased', 'provider = hc.team\n  depends_on = [vault_namespace.team]'),
      'main_override.tf': provider('address = "https://vault.acme.example"').replace('"vault"', '"hc"'),
    },
    policies: ['plain', 'team/aliased'],
  },
  {
    title: 'a stack of cdktf has the namespaces that it declares',
    files: {
      'cdk.tf.json': JSON.stringify({
        terraform: { required_providers: { vault: { source: 'hashicorp/vault' } } },
        variable: { name: { default: 'plain' } },
        provider: { vault: [{ namespace: 'admin' }, { alias: 'team', namespace: 'admin/team' }] },
        resource: {
          vault_policy: {
            plain: { name: `\${var.name}`, policy: 'path "kv/one" { capabilities = ["read"] }' },
            team: { provider: 'vault.team', name: 'team', policy: 'path "kv/one" { capabilities = ["read"] }' },
          },
        },
      }),
    },
    before: ['admin', 'admin/team'],
    policies: ['admin/plain', 'admin/team/team'],
  },
  {
    title: 'a module is where its providers are',
    files: {
      'main.tf':
        provider('namespace = "admin"') +
        provider('alias = "team"\n  namespace = "admin/team"') +
        namespace('team') +
        `
module "given" {
  source     = "./policy"
  providers  = { vault = vault.team }
  depends_on = [vault_namespace.team]
}
module "plain" {
  source = "./policy"
}
`,
      'policy/main.tf': `terraform {
  required_providers {
    vault = { source = "hashicorp/vault" }
  }
}
${policy('in-module')}
resource "vault_jwt_auth_backend" "ci" {
  path                   = "ci"
  jwt_validation_pubkeys = [trimspace(file("\${path.module}/key.pem"))]
}
resource "vault_jwt_auth_backend_role" "ci" {
  backend         = vault_jwt_auth_backend.ci.path
  role_name       = "ci"
  role_type       = "jwt"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_subject   = "ci"
}
`,
      'policy/key.pem': `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----
`,
    },
    policies: ['in-module', 'team/in-module'],
  },
];

async function written({ files }: Root): Promise<string> {
  return folderWith(files);
}

async function makeNamespaces({ vault }: Environment, { before = [] }: Root): Promise<void> {
  for (const path of before) {
    const [parent, name] = [dirname(path), basename(path)];
    await vault.request('POST', `${parent === '.' ? '' : `${parent}/`}sys/namespaces/${name}`);
  }
}

const policiesIn = (state: Awaited<ReturnType<typeof readVaultState>>): string[] =>
  Object.keys(state)
    .filter((path) => path.includes('sys/policies/acl/'))
    .map((path) => path.replace('sys/policies/acl/', ''))
    .filter((path) => !/(?:^|\/)(?:root|default|response-wrapping)$/.test(path))
    .toSorted();

describe.each(roots)('$title', (root) => {
  test('and access is found there', async () => {
    const { policies, undecided } = await readAccess(await written(root));
    const known = root.policies.filter((policy) => root.unknown?.includes(policy) !== true);
    expect([...policies.keys()].toSorted()).toEqual(known);
    expect(undecided).toHaveLength(root.policies.length - known.length);
  });

  test('directly', async ({ env }) => {
    const folder = await written(root);
    if (ofProduct({ vault: true, openbao: false })) {
      await expect(env.applyTerraform(folder)).rejects.toMatchObject({ code: 'unsupported_by_server' });
      return;
    }
    await makeNamespaces(env, root);
    await env.applyTerraform(folder);
    expect(policiesIn(await readVaultState(env.vault))).toEqual(root.policies);
    expect(await env.applyTerraform(folder)).toMatchObject({ created: [], updated: [], removed: [] });
  });

  describe('by Terraform', () => {
    beforeEach(requiresProviders('vault'));

    test('the same is left', async ({ env, skip }) => {
      if (ofProduct({ vault: true, openbao: false })) return skip('needs namespaces, which Vault lacks');
      const folder = await written(root);
      await makeNamespaces(env, root);
      const before = await readVaultState(env.vault);
      const byTerraform = await env.applyTerraform(folder, { provisioner: 'terraform' });
      const left = await readVaultState(env.vault);
      await env.terraform.destroy(folder);
      expect(stateDifferences(before, await readVaultState(env.vault))).toEqual([]);
      const directly = await env.applyTerraform(folder);
      expect(stateDifferences(left, await readVaultState(env.vault))).toEqual([]);
      expect(policiesIn(left)).toEqual(root.policies);
      expect(byTerraform).toMatchObject({ pending: [], differences: [], outputs: directly.outputs });
      expect(byTerraform.created.toSorted()).toEqual(directly.created.toSorted());
    });
  });
});
