import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEnvironment } from 'vaultproof';
import { expect, test } from 'vitest';
import { failureReport } from '../../harness/failure-report.js';
import { temporaryFolder } from '../support/temporary-folder.js';

test("what was declared in a module of HCL has Terraform's addresses", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'team'));
  await writeFile(join(folder, 'main.tf'), 'module "gitlab" {\n  source = "./team"\n}\n');
  await writeFile(
    join(folder, 'team', 'main.tf'),
    `resource "vault_policy" "project" {
  for_each = toset(["billing"])
  name     = each.key
  policy   = "path \\"kv/data/app\\" { capabilities = [\\"read\\"] }"
}
`,
  );
  await using env = await startEnvironment();
  await env.applyTerraform(folder);
  await env.applyJson({ resource: { vault_policy: { own: { name: 'own', policy: 'path "a" {}' } } } }, 'own');
  const report = await failureReport(env);
  expect(report).toContain('\nmodule.gitlab.vault_policy.project["billing"] {"name":"billing",');
  expect(report).toContain('Declared as "own":\nvault_policy.own {"name":"own"');
});

test('the role and the auth method that were tried come first, and of the others there are some', async () => {
  await using env = await startEnvironment();
  const names = Array.from({ length: 30 }, (_, at) => `p${at}`);
  const policy = (name: string) => [name, { name, policy: `path "${'x'.repeat(2_000)}" {}` }] as const;
  const role = { backend: 'ci', role_name: 'app', role_type: 'jwt', user_claim: 'sub', bound_audiences: ['vault'] };
  await env.applyJson(
    {
      resource: {
        vault_policy: Object.fromEntries(names.map(policy)),
        vault_jwt_auth_backend: { ci: { path: 'ci', jwks_url: env.issuer.jwksUrlFor(env.vault) } },
        vault_jwt_auth_backend_role: {
          other: { ...role, role_name: 'other', depends_on: ['vault_jwt_auth_backend.ci'] },
          app: { ...role, depends_on: ['vault_jwt_auth_backend.ci'] },
        },
      },
    },
    'many',
  );
  await env.vault.login({ jwt: 'x.y.z', mount: 'ci', role: 'app' }).catch(() => {});
  const report = await failureReport(env);
  const [, declared = ''] = /Declared as "many":\n([\s\S]*?)\n\n/.exec(report) ?? [];
  const lines = declared.split('\n');
  expect(lines.slice(0, 2).map((line) => line.split(' ')[0])).toEqual([
    'vault_jwt_auth_backend.ci',
    'vault_jwt_auth_backend_role.app',
  ]);
  expect(lines).toHaveLength(13);
  expect(lines.at(-1)).toBe('... and 21 more');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(500);
});
