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
