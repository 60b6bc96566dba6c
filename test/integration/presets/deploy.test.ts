import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App } from 'cdktf';
import { execa } from 'execa';
import { type Environment, startEnvironment } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isDemanded, requires } from '../../support/requirement.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { presetCases } from './preset-cases.js';

let env: Environment;

beforeAll(async () => {
  env = await startEnvironment({ issuer: { algorithms: ['RS256', 'ES256'] } });
});
afterAll(() => env?.stop());
beforeEach(requires('terraform'));

const [first, ...rest] = presetCases.map(({ role }) => role);

/** Every preset's role in one stack. */
function declare(app: App, path: string): void {
  if (first === undefined) throw new Error('there are no presets');
  const jwksUrl = env.issuer.jwksUrlFor(env.vault);
  const allow = { 'no-bound-issuer': 'the vendors have one each' };
  new VaultJwtStack(app, path, { path, kv: { path: `kv-${path}` }, jwksUrl, allow, roles: [first, ...rest] });
}

test('terraform and the real provider make of every role what direct apply makes of it', async ({ skip }) => {
  const outdir = await temporaryFolder();
  const app = new App({ outdir });
  declare(app, 'terraform');
  app.synth();
  const cwd = join(outdir, 'stacks', 'terraform');
  const terraform = (...args: string[]) =>
    execa('terraform', args, {
      cwd,
      reject: false,
      env: { VAULT_ADDR: env.vault.address, VAULT_TOKEN: env.vault.token, TF_IN_AUTOMATION: '1' },
    });
  // The state belongs beside the stack, and not where cdktf would have it.
  await writeFile(join(cwd, 'override.tf.json'), JSON.stringify({ terraform: { backend: { local: {} } } }));
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

  await env.apply((direct) => declare(direct, 'direct'));
  for (const { role } of presetCases) {
    const roleAt = async (place: string) =>
      (await env.vault.request('GET', `auth/${place}/role/${role.roleName}`))['data'];
    expect(await roleAt('terraform')).toEqual(await roleAt('direct'));
  }
});
