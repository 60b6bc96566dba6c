import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach, describe } from 'vitest';
import { isDemanded, requires } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

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
    const folder = await temporaryFolder();
    const synthesised = await synth(await temporaryFolder(), issuer);
    const json = JSON.parse(await readFile(join(synthesised, 'cdk.tf.json'), 'utf8')) as {
      terraform: { backend?: object };
    };
    // The state belongs into this test's folder, not into the repository.
    delete json.terraform.backend;
    await writeFile(join(folder, 'cdk.tf.json'), JSON.stringify(json));
    const terraform = (...args: string[]) =>
      execa('terraform', args, {
        cwd: folder,
        reject: false,
        env: { VAULT_ADDR: env.vault.address, VAULT_TOKEN: env.vault.token, TF_IN_AUTOMATION: '1' },
      });
    const init = await terraform('init', '-input=false');
    if (
      !isDemanded('terraform') &&
      /Failed to query available provider packages|Failed to install provider/.test(init.stderr)
    ) {
      skip('the provider can be had neither from the registry nor from a mirror');
    }
    expect(init.stderr).toBe('');
    expect(await terraform('apply', '-input=false', '-auto-approve')).toMatchObject({ exitCode: 0 });
    expect(await terraform('plan', '-input=false', '-detailed-exitcode')).toMatchObject({ exitCode: 0 });

    await env.vault.seed('kv/vishpat/test', { username: 'X' });
    const session = await env.vault.login({ jwt: await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }) });
    expect(await session.read('kv/vishpat/test')).toEqual({ username: 'X' });
  });
});
