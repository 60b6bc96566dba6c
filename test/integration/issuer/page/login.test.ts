import { beforeEach, expect, test } from 'vitest';
import { sharedChromium } from '../../../support/chromium.js';
import { cli, firstLine } from '../../../support/cli.js';
import { requires } from '../../../support/requirement.js';

beforeEach(requires('chromium'));
const open = sharedChromium();

test('the page of up logs in at its Vault and its Consul, and explains a refusal', async () => {
  const running = cli(['up', '--json']);
  const { issuer, vault, consul } = JSON.parse(await firstLine(running)) as {
    readonly issuer: { readonly page: string };
    readonly vault: { readonly token: string };
    readonly consul: { readonly token: string };
  };
  const { page } = await open(issuer.page);
  const answers: string[] = [];
  page.on('response', async (response) => {
    if (response.url().endsWith('/page/login')) answers.push(await response.text());
  });
  await page.click('#mint-button');
  await page.locator('#minted').waitFor();
  await page.click('#use-token');
  await page.locator('#verdict.valid').waitFor();
  await page.locator('#login-name').press('Enter');
  await page.locator('#login-outcome.valid', { hasText: 'Logged in: policy "default"' }).waitFor();
  await page.selectOption('#login-server', 'consul');
  await page.locator('#login-name').press('Enter');
  await page.locator('#login-outcome.valid', { hasText: 'Logged in: ' }).waitFor();

  await page.fill('#sub', 'mallory');
  await page.click('#mint-button');
  await page.locator('#minted-claims', { hasText: 'mallory' }).waitFor();
  await page.click('#use-token');
  await page.selectOption('#login-server', 'vault');
  await page.locator('#login-name').press('Enter');
  await page.locator('#login-outcome.refused', { hasText: 'subject_mismatch' }).waitFor();
  expect(await page.locator('#login-outcome').textContent()).toContain('expected "vishpat", found "mallory"');
  await page.fill('#login-name', 'no-such-role');
  await page.locator('#login-name').press('Enter');
  await page.locator('#login-outcome', { hasText: 'no-such-role' }).waitFor();

  // No token of a server is in what the page is told.
  expect(answers.length).toBeGreaterThan(2);
  for (const answer of answers) {
    expect(answer).not.toMatch(/hvs\.|[0-9a-f]{8}-[0-9a-f]{4}-/);
    for (const { token } of [vault, consul]) expect(answer).not.toContain(token);
  }
  // It asks for the issuer's state every 3 s.
  await page.close();
  running.kill('SIGINT');
  expect((await running).exitCode).toBe(0);
});
