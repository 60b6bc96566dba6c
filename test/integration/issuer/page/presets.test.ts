import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { pageDialect, signDialect } from 'vaultproof/issuer/endpoints';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sharedChromium } from '../../../support/chromium.js';
import { requires } from '../../../support/requirement.js';

beforeEach(requires('chromium'));
const open = sharedChromium();

let issuer: StartedIssuer;
beforeAll(async () => {
  issuer = await startIssuer({ algorithms: ['ES256', 'RS256'], dialects: [pageDialect(), signDialect()] });
});
afterAll(() => issuer.stop());

test('a token of GitHub Actions is minted from its repository and branch, by the keyboard', async () => {
  const { page } = await open(issuer.url);
  await page.locator('#preset option[value=github]').waitFor({ state: 'attached' });
  await page.focus('#preset');
  await page.keyboard.type('GitHub');
  await page.locator('#preset-help', { hasText: 'GitHub Actions' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('octo/shop');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('release');
  await page.keyboard.press('Enter');
  await page.locator('#minted').waitFor();
  const claims = JSON.parse((await page.locator('#minted-claims').textContent()) ?? '');
  const header = JSON.parse((await page.locator('#minted-header').textContent()) ?? '');
  expect(header.alg).toBe('RS256');
  expect(claims).toMatchObject({
    iss: 'https://token.actions.githubusercontent.com',
    repository: 'octo/shop',
    repository_owner: 'octo',
    ref: 'refs/heads/release',
    event_name: 'push',
    aud: 'https://github.com/octo',
  });
  expect([claims.exp - claims.iat, claims.iat - claims.nbf]).toEqual([300, 600]);
});

test.each([
  ['gitlab', { project_path: 'acme/app', ref: 'main', iss: 'https://gitlab.com' }],
  ['hcp-terraform', { terraform_workspace_name: 'app', terraform_run_phase: 'plan' }],
  ['kubernetes', { sub: 'system:serviceaccount:default:app', aud: ['vault'] }],
  ['nomad', { nomad_job_id: 'app', nomad_task: 'web', aud: 'consul.io' }],
  ['spiffe', { sub: 'spiffe://example.org/ns/prod/sa/app', aud: ['vault'] }],
])('the form has the claims of %s', async (name, expected) => {
  const { page } = await open(issuer.url);
  await page.selectOption('#preset', name);
  await page.locator('#preset-help', { hasText: 'The form has the claims' }).waitFor();
  await page.click('#mint-button');
  await page.locator('#minted').waitFor();
  expect(JSON.parse((await page.locator('#minted-claims').textContent()) ?? '')).toMatchObject(expected);
});

test("with this issuer's iss a vendor's token is valid in the debugger", async () => {
  const { page } = await open(issuer.url);
  await page.selectOption('#preset', 'github');
  await page.locator('#preset-help', { hasText: 'GitHub Actions' }).waitFor();
  await page.check('#preset-own-iss');
  await expect.poll(() => page.inputValue('#claims')).not.toContain('token.actions.githubusercontent.com');
  await page.click('#mint-button');
  await page.locator('#minted').waitFor();
  await page.click('#use-token');
  await page.locator('#verdict.valid').waitFor();
});

test('a repository without an owner is refused beside the field', async () => {
  const { page } = await open(issuer.url);
  await page.selectOption('#preset', 'github');
  await page.locator('#preset-help', { hasText: 'GitHub Actions' }).waitFor();
  await page.fill('#preset-repository', 'shop');
  await page.locator('#preset-problem', { hasText: '"shop" is not "owner/name"' }).waitFor();
});

test('hostile tokens are in groups, and a filter leaves those that it finds', async () => {
  const { page } = await open(issuer.url);
  await page.locator('#hostile optgroup').first().waitFor({ state: 'attached' });
  const groups = '[...document.querySelectorAll("#hostile optgroup")].map(({ label }) => label)';
  expect(await page.evaluate(groups)).toEqual([
    'times',
    'claims',
    'lookalikes',
    'algorithms',
    'keys',
    'headers',
    'signatures',
    'forms',
  ]);
  await page.fill('#hostile-filter', 'expired an hour');
  expect(await page.evaluate('[...document.querySelectorAll("#hostile option")].map(({ value }) => value)')).toEqual([
    '',
    'expired',
  ]);
  expect(await page.locator('#hostile-count').textContent()).toBe('1 hostile token');
  await page.selectOption('#hostile', 'expired');
  await page.fill('#hostile-filter', 'no such token');
  expect(await page.inputValue('#hostile')).toBe('expired');
});
