import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vaultproof/vitest';
import { beforeEach, describe } from 'vitest';
import { requires } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { init, terraformFolder } from '../../support/terraform.js';

/** What `cdktf synth` runs, with the output in a folder of its own. */
async function synth(outdir: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  await execa('tsx', ['stacks/main.ts'], { preferLocal: true, env: { ...env, CDKTF_OUTDIR: outdir } });
  return join(outdir, 'stacks', 'vault-jwt');
}

test('what cdktf synthesises is what the tests apply', async ({ env }) => {
  const issuer = { JWKS_URL: env.issuer.jwksUrlFor(env.vault), BOUND_ISSUER: env.issuer.url };
  const folder = await synth(await temporaryFolder(), issuer);
  await env.applyJson(JSON.parse(await readFile(join(folder, 'cdk.tf.json'), 'utf8')));
  const jwt = await env.issuer.sign({ sub: 'vishpat', aud: 'damage_inc' });
  expect(await env.vault.login({ jwt })).toMatchObject({ role: 'jwt_vishpat', ttlSeconds: 900 });
});

const ISSUER = { JWKS_URL: 'https://issuer.example/jwks.json', BOUND_ISSUER: 'https://issuer.example' };

test.each([
  [{}, 'JWKS_URL and BOUND_ISSUER'],
  [{ ...ISSUER, BOUND_ISSUER: '' }, 'BOUND_ISSUER'],
  [{ BOUND_ISSUER: ISSUER.BOUND_ISSUER }, 'JWKS_URL'],
])('without an issuer nothing is synthesised: %j', async (env, missing) => {
  const outdir = await temporaryFolder();
  const unset = { JWKS_URL: undefined, BOUND_ISSUER: undefined };
  await expect(synth(outdir, { ...unset, ...env })).rejects.toMatchObject({
    exitCode: 1,
    stderr: `set ${missing}: the key set's URL as Vault reaches it, and the iss of the tokens`,
  });
  expect(await readdir(outdir)).toEqual([]);
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
