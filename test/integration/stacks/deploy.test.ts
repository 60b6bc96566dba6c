import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach, describe } from 'vitest';
import { requires } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { init, terraformFolder } from '../../support/terraform.js';

/** What `cdktf synth` runs, with the output in a folder of its own. */
async function synth(outdir: string, env: Readonly<Record<string, string>>): Promise<string> {
  await execa('npx', ['tsx', 'stacks/main.ts'], { env: { ...env, CDKTF_OUTDIR: outdir } });
  return join(outdir, 'stacks', 'vault-jwt');
}

test('what cdktf synthesises is what the tests apply', async ({ env }) => {
  const issuer = { JWKS_URL: env.issuer.jwksUrlFor(env.vault), BOUND_ISSUER: env.issuer.url };
  const folder = await synth(await temporaryFolder(), issuer);
  await env.applyJson(JSON.parse(await readFile(join(folder, 'cdk.tf.json'), 'utf8')));
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  expect(await env.vault.login({ jwt })).toMatchObject({ role: 'jwt_vishpat', ttlSeconds: 900 });
});

test('a JWKS_URL and a BOUND_ISSUER are not needed to synthesise', async () => {
  const folder = await synth(await temporaryFolder(), {});
  expect(await readFile(join(folder, 'cdk.tf.json'), 'utf8')).toContain('"http://127.0.0.1:8080"');
});

describe('with terraform and the real provider', () => {
  beforeEach(requires('terraform'));

  test('terraform deploys it to a real vault, finds nothing to change, and the login works', async ({ env, skip }) => {
    const issuer = { JWKS_URL: env.issuer.jwksUrlFor(env.vault), BOUND_ISSUER: env.issuer.url };
    const folder = await synth(await temporaryFolder(), issuer);
    const terraform = await terraformFolder(env.vault);
    await terraform.declare(JSON.parse(await readFile(join(folder, 'cdk.tf.json'), 'utf8')));
    await init(terraform, skip);
    expect(await terraform.run('apply', '-auto-approve')).toMatchObject({ exitCode: 0 });
    expect(await terraform.run('plan', '-detailed-exitcode')).toMatchObject({ exitCode: 0 });

    await env.vault.seed('kv/vishpat/test', { username: 'X' });
    const session = await env.vault.login({ jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }) });
    expect(await session.read('kv/vishpat/test')).toEqual({ username: 'X' });
  });
});
