import { expect, test } from 'vaultproof/vitest';
import { folderWith } from '../../support/temporary-folder.js';

const pki = 'resource "vault_pki_secret_backend_root_cert" "ca" {\n  backend = "pki"\n}\n';

test('what is not applied here is told with its file and line, and with how to pass it over', async ({ env }) => {
  const folder = await folderWith({
    'main.tf': 'module "pki" {\n  source = "./pki"\n}\n\ndata "aws_caller_identity" "me" {}\n',
    'pki/main.tf': `\n${pki}`,
  });
  const refused = await env.applyTerraform(folder).catch((error: Error) => error);
  expect(refused).toMatchObject({ code: 'unsupported_resource' });
  const { message } = refused as Error;
  expect(message).toContain('"module.pki.vault_pki_secret_backend_root_cert.ca" (pki/main.tf:2:1)');
  expect(message).toContain('"data.aws_caller_identity.me" (main.tf:5:1)');
  const ignore = ['data.aws_caller_identity.me', 'module.pki.vault_pki_secret_backend_root_cert.ca'];
  expect(message).toContain(`or pass it over with ignore: ['${ignore.join("', '")}']`);
  expect((await env.applyTerraform(folder, { ignore })).passedOver).toHaveLength(2);
});

test('an expression that takes a server’s answer is told with its file and line', async ({ env }) => {
  const folder = await folderWith({
    'main.tf':
      'resource "vault_identity_entity" "ann" {\n  name = "ann"\n}\nresource "vault_policy" "p" {\n  name   = "p"\n  policy = upper(vault_identity_entity.ann.id)\n}\n',
  });
  await expect(env.applyTerraform(folder)).rejects.toMatchObject({
    code: 'unsupported_expression',
    message: expect.stringMatching(/in "vault_policy\.p" \(main\.tf:4:1\).* ignore: \['vault_policy\.p'\]$/),
  });
});

test('what the server refuses is told with its file and line', async ({ env }) => {
  const folder = await folderWith({
    'policies.tf':
      '\nresource "vault_policy" "team" {\n  for_each = toset(["payments"])\n  name     = each.key\n  policy   = "path {"\n}\n',
  });
  await expect(env.applyTerraform(folder)).rejects.toMatchObject({
    code: 'apply_failed',
    message: expect.stringMatching(/^"vault_policy\.team\["payments"\]" \(policies\.tf:2:1\) could not be applied: /),
  });
});
