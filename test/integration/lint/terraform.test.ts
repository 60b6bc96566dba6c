import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Environment } from 'vaultproof';
import { lint } from 'vaultproof/lint';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach } from 'vitest';
import { isDemanded, requires } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

beforeEach(requires('terraform'));

/** Allowances in all the comments that are read; none of them allows anything here. */
const comment = { vaultproof: { allow: { 'comma-split': 'two teams' } } };

const module = {
  variable: { policy: { type: 'string' }, seed: { type: 'string' } },
  resource: {
    vault_policy: { inner: { count: 1, name: 'inner', policy: `\${var.policy}` } },
    vault_generic_secret: { seed: { path: 'secret/seed', data_json: `\${jsonencode({ value = var.seed })}` } },
  },
};

const configuration = {
  '//': comment,
  terraform: { required_providers: { vault: { source: 'hashicorp/vault' } } },
  provider: { vault: [{ skip_child_token: true }] },
  module: { m: { source: './m', policy: 'path "*" { capabilities = ["read"] }', seed: 'planted-canary' } },
  resource: {
    vault_jwt_auth_backend: { jwt: { path: 'jwt', jwks_url: `\${var.keys}`, '//': comment } },
    vault_jwt_auth_backend_role: {
      reader: {
        '//': comment,
        backend: `\${vault_jwt_auth_backend.jwt.id}`,
        role_name: 'reader',
        user_claim: 'sub',
        bound_audiences: ['damage_inc'],
        token_ttl: 60,
        token_policies: [`\${vault_policy.reader.name}`, 'elsewhere'],
      },
      // What the plan does not know yet gives no findings.
      unknown: {
        role_name: 'unknown',
        role_type: 'jwt',
        user_claim: 'sub',
        bound_subject: `\${vault_jwt_auth_backend.jwt.accessor}`,
        token_max_ttl: 60,
        token_policies: [`p-\${vault_jwt_auth_backend.jwt.accessor}`],
      },
    },
    vault_mount: { kv: { path: 'kv', type: 'kv-v2' } },
    vault_policy: {
      reader: { name: 'reader', policy: `path "\${vault_mount.kv.path}/team" { capabilities = ["read"] }` },
      templated: {
        name: 'templated',
        policy: `path "kv/\${vault_jwt_auth_backend.jwt.accessor}" { capabilities = ["sudo"] }`,
      },
    },
    vault_kv_secret_v2: { written: { mount: 'kv', name: 'a', data_json_wo: '{}', data_json_wo_version: 1 } },
  },
  variable: { keys: { type: 'string', default: 'http://127.0.0.1:1/keys' } },
  output: { login_token: { '//': comment, value: `\${vault_jwt_auth_backend.jwt.accessor}` } },
};

/** Terraform in a folder with modules, initialised with the provider where that can be had. */
async function terraformWith(
  modules: Readonly<Record<string, unknown>>,
  { vault }: Pick<Environment, 'vault'>,
  skip: (note: string) => void,
) {
  const folder = await temporaryFolder();
  for (const [path, json] of Object.entries(modules)) {
    await mkdir(join(folder, path), { recursive: true });
    await writeFile(join(folder, path, 'main.tf.json'), JSON.stringify(json));
  }
  const run = (...args: string[]) =>
    execa('terraform', args, {
      cwd: folder,
      reject: false,
      env: { VAULT_ADDR: vault.address, VAULT_TOKEN: vault.token, TF_IN_AUTOMATION: '1' },
    });
  const init = await run('init', '-input=false');
  if (
    !isDemanded('terraform') &&
    /Failed to query available provider packages|Failed to install provider/.test(init.stderr)
  ) {
    skip('the provider can be had neither from the registry nor from a mirror');
  }
  expect(init.stderr).toBe('');
  return { run, folder };
}

test('terraform takes the allowances as comments, and its plan has the configuration’s findings and the modules’', async ({
  env,
  skip,
}) => {
  const { run } = await terraformWith({ '.': configuration, m: module }, env, skip);
  expect(await run('validate')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await run('plan', '-input=false', '-out=plan')).toMatchObject({ exitCode: 0, stderr: '' });
  const plan: unknown = JSON.parse((await run('show', '-json', 'plan')).stdout);

  const ofTheBackendAndRoles = [
    'audience-only vault_jwt_auth_backend_role.reader',
    'no-bound-issuer vault_jwt_auth_backend.jwt',
    'algorithms-unnamed vault_jwt_auth_backend.jwt',
    'role-type-default vault_jwt_auth_backend_role.reader',
    'no-max-ttl vault_jwt_auth_backend_role.reader',
    'undeclared-policy vault_jwt_auth_backend_role.reader',
  ];
  expect(places(lint(configuration))).toEqual([
    ...ofTheBackendAndRoles,
    // The capability is written out; a plan says nothing of a text that it does not know as a whole.
    'policy-sudo vault_policy.templated',
    'kv-path-never-matches vault_policy.reader',
    'secret-looking-output output.login_token',
    'unused-allowance //',
    'unused-allowance vault_jwt_auth_backend.jwt',
    'unused-allowance vault_jwt_auth_backend_role.reader',
    'unused-allowance output.login_token',
  ]);
  const planned = lint(plan);
  expect(places(planned)).toEqual([
    ...ofTheBackendAndRoles,
    'policy-path-too-wide module.m.vault_policy.inner[0]',
    'kv-path-never-matches vault_policy.reader',
    'secret-in-state module.m.vault_generic_secret.seed',
    'secret-looking-output output.login_token',
  ]);
  expect(JSON.stringify(planned)).not.toContain('planted-canary');
});

test('a secret lands in the state as an argument and as an output, and not as a write-only argument', async ({
  env,
  skip,
}) => {
  const secrets = {
    terraform: configuration.terraform,
    provider: configuration.provider,
    resource: {
      vault_generic_secret: { a: { path: 'secret/a', data_json: '{"value":"canary-argument"}' } },
      vault_kv_secret_v2: {
        b: { mount: 'secret', name: 'b', data_json_wo: '{"value":"canary-write-only"}', data_json_wo_version: 1 },
      },
    },
    output: { api_token: { value: 'canary-output', sensitive: true } },
  };
  expect(places(lint(secrets))).toEqual([
    'secret-in-state vault_generic_secret.a',
    'secret-looking-output output.api_token',
  ]);
  await env.vault.request('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
  const { run, folder } = await terraformWith({ '.': secrets }, env, skip);
  expect(await run('apply', '-input=false', '-auto-approve')).toMatchObject({ exitCode: 0, stderr: '' });
  const state = await readFile(join(folder, 'terraform.tfstate'), 'utf8');
  const canaries = ['canary-argument', 'canary-write-only', 'canary-output'];
  expect(canaries.filter((canary) => state.includes(canary))).toEqual(['canary-argument', 'canary-output']);
  expect(await env.vault.root.read('secret/b')).toEqual({ value: 'canary-write-only' });
});

function places(findings: ReturnType<typeof lint>): string[] {
  return findings.map(({ code, address }) => `${code} ${address}`);
}
