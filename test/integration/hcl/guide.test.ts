import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from 'vaultproof';
import { expect, test } from 'vaultproof/vitest';
import { afterAll, beforeAll } from 'vitest';
import { read } from '../../unit/docs/markdown.js';

// docs/hcl.md as it stands, in a project with HCL at infra/vault.

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});

const before = process.cwd();
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'vaultproof-guide-'));
  for (const folder of ['logins/github-actions-basic', 'guide']) {
    const fixture = fileURLToPath(new URL(`../../fixtures/hcl/${folder}`, import.meta.url));
    await cp(fixture, join(project, 'infra', 'vault'), { recursive: true });
  }
  process.chdir(project);
});
afterAll(async () => {
  process.chdir(before);
  await rm(project, { recursive: true, force: true });
});

test('only the main branch of payments reads its secrets', async () => {
  await env.applyTerraform('infra/vault', {
    variables: { jwks_url: env.issuer.jwksUrlFor(env.vault), issuer: env.issuer.url },
    ignore: ['vault_pki_*'],
  });
  const claims = { sub: 'ci', aud: 'https://vault.acme.example', repository: 'acme/payments', ref: 'refs/heads/main' };
  const jwt = await env.issuer.sign(claims);
  const session = await env.vault.login({ jwt, role: 'payments-ci', mount: 'github-actions' });
  expect(session.policies).toContain('payments-read');

  const branch = await env.issuer.sign({ ...claims, ref: 'refs/heads/feature' });
  await expect(env.vault.login({ jwt: branch, role: 'payments-ci', mount: 'github-actions' })).rejects.toMatchObject({
    code: 'claim_mismatch',
    claim: 'ref',
  });
});

test('what is ignored is told as the guide says', async () => {
  const { passedOver } = await env.applyTerraform('infra/vault', {
    variables: { jwks_url: env.issuer.jwksUrlFor(env.vault), issuer: env.issuer.url },
    ignore: ['vault_pki_*'],
  });
  expect(passedOver).toEqual([
    { address: 'vault_pki_secret_backend_role.web', reason: 'its type or address is ignored' },
  ]);
  expect(read('docs/hcl.md')).toContain(
    `// [{ address: '${passedOver[0]?.address}', reason: '${passedOver[0]?.reason}' }]`,
  );
});
