import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import type { Page } from 'playwright-core';
import { startEnvironment } from 'vaultproof';
import { startIssuer, type TlsIdentity } from 'vaultproof/issuer';
import { pageDialect, signDialect, tokenDialect } from 'vaultproof/issuer/endpoints';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { beforeEach, expect, onTestFinished, type TestContext, test } from 'vitest';
import { sharedChromium } from '../../../support/chromium.js';
import { requires } from '../../../support/requirement.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { requiresOfVault } from '../../../support/vault-of-tests.js';

beforeEach(requires('chromium'));
beforeEach(requiresOfVault('command/vault'));
const open = sharedChromium();

/** A page, and a shell that runs a command of it as it stands, with real servers to run it against. */
async function desk({ skip }: TestContext, tls?: TlsIdentity) {
  const { failed } = await execa('which', ['bash', 'curl', 'jq'], { reject: false });
  if (failed) skip('needs bash, curl and jq on PATH');
  const cwd = await temporaryFolder();
  const issuer = await startIssuer({
    dialects: [pageDialect(), signDialect(), tokenDialect()],
    ...(tls && { tls }),
  });
  if (tls) await writeFile(join(cwd, 'ca.pem'), tls.ca);
  onTestFinished(() => issuer.stop());
  const env = await startEnvironment({ vault: { engine: 'process' }, consul: { engine: 'process' } });
  onTestFinished(() => env.stop());
  const { vault, consul } = env;
  const variables = {
    PATH: [vault.binFolder, consul.binFolder, process.env['PATH']].join(delimiter),
    HOME: cwd,
    VAULT_ADDR: vault.address,
    VAULT_TOKEN: vault.token,
    CONSUL_HTTP_ADDR: consul.address,
    CONSUL_HTTP_TOKEN: consul.token,
  };
  const { page } = await open(issuer.url, { ignoreHTTPSErrors: true });
  const run = async (id: string): Promise<string> => {
    const command = (await page.locator(`#${id}`).textContent()) ?? '';
    const { stdout } = await execa('bash', ['-euo', 'pipefail', '-c', command], {
      cwd,
      env: variables,
      extendEnv: false,
    });
    return stdout;
  };
  return { issuer, page, run };
}

async function everyCommand(page: Page): Promise<string[]> {
  return page.locator('.command pre').evaluateAll((all) => all.map(({ id }) => id));
}

test('every command works against real servers as it stands', async (context) => {
  const { issuer, page, run } = await desk(context);
  const outputs: Record<string, string> = {};
  for (const id of await everyCommand(page)) outputs[id] = await run(id);

  expect(JSON.parse(outputs['curl-key-set'] ?? '')).toEqual({ keys: [issuer.keys.active().publicJwk] });
  expect(JSON.parse(outputs['curl-discovery'] ?? '')).toMatchObject({ issuer: issuer.url });
  expect(JSON.parse(outputs['curl-sign'] ?? '')).toEqual({ token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) });
  expect(JSON.parse(outputs['curl-token'] ?? '')).toMatchObject({ token_type: 'Bearer' });
  expect(outputs['vault-login']).toMatch(/^token_meta_role +demo$/m);
  expect(outputs['vault-read-role']).toMatch(/^bound_audiences +\[damage_inc\]$/m);
  expect(outputs['consul-read']).toMatch(/^Auth Method: +demo /m);
  expect(outputs['consul-read']).toMatch(/^ +.* - demo$/m);
});

test('they work for names that a shell, Vault or Consul would take for something else', async (context) => {
  const { page, run } = await desk(context);
  const sub = `@o'brien "x", $(y) \\`;
  await page.fill('#sub', sub);
  await page.fill('#claims', JSON.stringify({ aud: ['-', "a,b 'c'", '@file'], note: "it's $HOME" }));
  await page.fill('#role', 'Reader-1');
  await page.fill('#mount', 'team/jwt');
  const outputs: Record<string, string> = {};
  for (const id of await everyCommand(page)) outputs[id] = await run(id);
  // Vault lower-cases a role's name.
  expect(outputs['vault-login']).toMatch(/^token_meta_role +reader-1$/m);
  expect(outputs['vault-read-role']).toContain(`[- a,b 'c' @file]`);
  expect(outputs['vault-read-role']).toContain(sub);
  expect(outputs['consul-read']).toMatch(/^Auth Method: +Reader-1 /m);
});

test('they work for an issuer with a CA of its own, which is in ca.pem', async (context) => {
  const { page, run } = await desk(context, await generateTlsIdentity());
  const outputs: Record<string, string> = {};
  for (const id of await everyCommand(page)) outputs[id] = await run(id);
  expect(outputs['vault-login']).toMatch(/^token_meta_role +demo$/m);
  expect(outputs['consul-read']).toMatch(/^Auth Method: +demo /m);
});

test('a hostile token of the form is refused by Vault, by the command that is shown', async (context) => {
  const { page, run } = await desk(context);
  for (const id of ['vault-enable', 'vault-config', 'vault-role']) await run(id);
  await page.selectOption('#hostile', 'expired');
  await expect(run('vault-login')).rejects.toThrow(/token is expired/);
});
