import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { pageDialect, signDialect } from 'vaultproof/issuer/endpoints';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { sharedChromium } from '../../../support/chromium.js';
import { cli, firstLine } from '../../../support/cli.js';
import { requires } from '../../../support/requirement.js';

beforeEach(requires('chromium'));
const open = sharedChromium();

let issuer: StartedIssuer;
beforeEach(async () => {
  issuer = await startIssuer({ dialects: [pageDialect(), signDialect()] });
});
afterEach(() => issuer.stop());

test('a key that is added shows by itself, and neither focus, nor input, nor choice is lost', async () => {
  const { page } = await open(issuer.url);
  const { kid } = issuer.keys.active();
  await page.selectOption('#key', `kid:${kid}`);
  await page.fill('#sub', 'half-typ');
  const next = await issuer.keys.rotate({ leadSeconds: 3_600, overlapSeconds: 600 });
  await page.locator('.key', { hasText: next.kid }).waitFor();
  await page.keyboard.type('ed');
  expect(await page.inputValue('#sub')).toBe('half-typed');
  expect(await page.inputValue('#key')).toBe(`kid:${kid}`);
  expect(await page.locator('.key .badge').allTextContents()).toEqual(['active', 'published']);
  expect(await page.locator('.key .times').nth(1).textContent()).toMatch(
    /^published (now|\d s ago), signs in (1 h|59 min)/,
  );

  await page.locator('.key button').first().focus();
  issuer.keys.retire(kid);
  await page.locator('.key', { hasText: 'retired' }).waitFor();
  expect(await page.evaluate('document.activeElement.closest("li")?.textContent')).toContain(kid);
});

test('a clock that was moved is said to be, and times are compared by it', async () => {
  const { page } = await open(issuer.url);
  await page.fill('#token', await issuer.sign({ sub: 'vishpat', aud: null }));
  await page.locator('#verdict.valid').waitFor();
  expect(await page.locator('#clock-moved').textContent()).toBe("the system's time");
  issuer.clock.advance(7_200);
  await page.click('#refresh');
  await page.locator('#verdict.refused', { hasText: 'token_expired' }).waitFor();
  expect(await page.locator('#clock-moved').textContent()).toBe('moved 2 h ahead');
  expect(await page.locator('#hints').textContent()).toContain("2 h ahead of the system's. Vault uses its own clock.");
});

test('an issuer that is gone is said to be', async () => {
  const { page, problems } = await open(issuer.url);
  await issuer.stop();
  await page.click('#refresh');
  await page.locator('#connection', { hasText: 'the issuer does not answer' }).waitFor();
  await page.click('#mint-button');
  await page.locator('#mint-problem', { hasText: 'the issuer does not answer' }).waitFor();
  // Chromium itself reports every connection that it can't make.
  expect(problems.splice(0).filter((problem) => !problem.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
});

test("below a path the page is that issuer's", async () => {
  const tenant = await issuer.addIssuer('/tenant-a');
  const { page } = await open(tenant.url);
  expect(page.url()).toBe(`${tenant.url}/`);
  expect(await page.locator('#issuer-url').textContent()).toBe(tenant.url);
  await page.click('#mint-button');
  await page.locator('#minted').waitFor();
  expect(await page.locator('#minted-claims').textContent()).toContain(`"iss": "${tenant.url}"`);
  await page.click('#use-token');
  await page.locator('#verdict.valid').waitFor();
  expect(await page.locator('#curl-sign').textContent()).toContain(`${tenant.url}/sign`);
});

test('the command issuer has the page without being asked, and says where', async () => {
  const running = cli(['issuer']);
  onTestFinished(async () => {
    running.kill('SIGINT');
    await running;
  });
  const url = (await firstLine(running)).split(/ +/)[1] ?? '';
  const { page } = await open(url);
  await page.click('#mint-button');
  await page.locator('#minted').waitFor();
  await page.locator('#hostile option', { hasText: 'expired: it expired an hour ago' }).waitFor({ state: 'attached' });
});

test('commands that cannot be right are not there to copy', async () => {
  const { page } = await open(issuer.url);
  await page.fill('#role', 'a b; rm');
  expect(await page.locator('#commands-problem').textContent()).toBe(
    'a role and a path are letters, digits, "-" and "_"',
  );
  expect(await page.locator('#command-groups').getAttribute('inert')).toBe('');
  await page.fill('#role', 'reader');
  expect(await page.locator('#vault-read-role').textContent()).toBe('vault read auth/jwt/role/reader');
});
