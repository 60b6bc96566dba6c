import type { Page } from 'playwright-core';
import { type StartedIssuer, signingAlgorithms, startIssuer } from 'vaultproof/issuer';
import { pageDialect, signDialect } from 'vaultproof/issuer/endpoints';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sharedChromium } from '../../../support/chromium.js';
import { requires } from '../../../support/requirement.js';

beforeEach(requires('chromium'));
const open = sharedChromium();

let issuer: StartedIssuer;
beforeAll(async () => {
  issuer = await startIssuer({ algorithms: [...signingAlgorithms], dialects: [pageDialect(), signDialect()] });
});
afterAll(() => issuer.stop());

/** Presses Tab until something has the focus; what a keyboard can't reach is never found. */
async function tabTo(page: Page, id: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate('document.activeElement.id')) === id) return;
  }
  throw new Error(`Tab never reached "${id}"`);
}

const verdict = (page: Page) => page.locator('#verdict');

test('a token is minted and debugged by the keyboard alone', async () => {
  const { page } = await open(issuer.url);
  await tabTo(page, 'sub');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('mallory');
  await tabTo(page, 'claims');
  await page.keyboard.type('{"email": "{{sub}}@example.com"}');
  await page.keyboard.press('Control+Enter');
  await page.locator('#minted-claims', { hasText: 'mallory@example.com' }).waitFor();
  await tabTo(page, 'use-token');
  await page.keyboard.press('Enter');
  await page.locator('#verdict.valid').waitFor();
  expect(await page.evaluate('document.activeElement.id')).toBe('token');
  expect(await page.locator('#decoded-claims').textContent()).toContain('"sub": "mallory"');
});

test('the keyboard reaches everything in the order of the page, sees where it is, and gets out again', async () => {
  const { page } = await open(issuer.url);
  await page.locator('#sub').press('Enter');
  await page.locator('#minted').waitFor();
  const wanted = await page.evaluate(
    `[...document.querySelectorAll('a[href], button, input, select, textarea')].filter((one) => one.checkVisibility() && !one.disabled).length`,
  );
  const seen: string[] = [];
  for (let presses = 0; presses <= Number(wanted) + 5; presses++) {
    if (presses === 0) await page.focus('.skip');
    else await page.keyboard.press('Tab');
    const focused = await page.evaluate(`(() => {
      const { activeElement: one } = document;
      if (one === document.body) return undefined;
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      const all = [...document.querySelectorAll('a[href], button, input, select, textarea')];
      return [all.indexOf(one), outlineStyle, outlineWidth].join(' ');
    })()`);
    if (focused === undefined) break;
    seen.push(String(focused));
  }
  const places = seen.map((one) => Number(one.split(' ')[0])).filter((place) => place >= 0);
  expect(places).toHaveLength(Number(wanted));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(seen.filter((one) => !one.endsWith(' solid 2px'))).toEqual([]);
});

test.each(signingAlgorithms)('a token that is signed with %s is minted and verified', async (alg) => {
  const { page } = await open(issuer.url);
  await page.selectOption('#key', `alg:${alg}`);
  await page.click('#mint-button');
  await page.locator('#minted-header', { hasText: `"alg": "${alg}"` }).waitFor();
  await page.click('#use-token');
  await page.locator('#verdict.valid').waitFor();
  expect(await page.locator('.check.passed strong').allTextContents()).toEqual([
    'form',
    'alg',
    'key',
    'signature',
    'iss',
    'aud',
    'exp',
    'iat',
  ]);
});

test('several audiences, a lifetime, a header and a key of its kid are what the form says', async () => {
  const { page } = await open(issuer.url);
  const kid = issuer.keys.active('ES384').kid;
  await page.fill('#aud', 'a  b');
  await page.fill('#lifetime', '60');
  await page.fill('#header', '{"typ": "at+jwt"}');
  await page.selectOption('#key', `kid:${kid}`);
  await page.click('#mint-button');
  await page.locator('#minted').waitFor();
  const header = JSON.parse((await page.locator('#minted-header').textContent()) ?? '');
  const claims = JSON.parse((await page.locator('#minted-claims').textContent()) ?? '');
  expect(header).toEqual({ alg: 'ES384', kid, typ: 'at+jwt' });
  expect(claims).toMatchObject({ sub: 'vishpat', aud: ['a', 'b'] });
  expect(claims.exp - claims.iat).toBe(60);
});

test('a hostile token says what it breaks, and the debugger says which check it fails', async () => {
  const { page } = await open(issuer.url);
  await page.selectOption('#hostile', 'expired');
  expect(await page.locator('#hostile-help').textContent()).toBe(
    'It expired an hour ago (RFC 7519, section 4.1.4). Vault 1.21: token_expired. The key and the header are its own.',
  );
  expect(await page.locator('#header').isDisabled()).toBe(true);
  await page.click('#mint-button');
  await page.locator('#minted').waitFor();
  await page.click('#use-token');
  await page.locator('#verdict.refused').waitFor();
  expect(await verdict(page).textContent()).toBe('Refused: exp (token_expired)');
});

test('what is wrong in the form is said beside its field, which gets the focus', async () => {
  const { page, requests } = await open(issuer.url);
  await page.fill('#claims', '{"email": ');
  await page.click('#mint-button');
  expect(await page.locator('#claims-problem').textContent()).toBe('the further claims must be a JSON object');
  expect(await page.evaluate('document.activeElement.id')).toBe('claims');
  expect(await page.getAttribute('#claims', 'aria-invalid')).toBe('true');
  expect(requests.filter((request) => request.method() !== 'GET')).toEqual([]);
});

test("the issuer's refusal is shown", async () => {
  const { page, problems } = await open(issuer.url);
  await page.fill('#claims', '{"email": "{{mail}}"}');
  await page.click('#mint-button');
  await page.locator('#mint-problem', { hasText: 'unknown placeholder "{{mail}}"' }).waitFor();
  // Chromium itself reports every answer of 400.
  expect(problems.splice(0)).toEqual([expect.stringContaining('status of 400')]);
});

test('markup in claims is text', async () => {
  const { page } = await open(issuer.url);
  const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  const claims = JSON.stringify({ note: markup, [markup]: markup, iss: markup });
  await page.fill('#claims', claims);
  await page.fill('#header', JSON.stringify({ cty: markup, kid: markup }));
  await page.click('#mint-button');
  await page.locator('#minted-claims', { hasText: '<img src=x onerror=' }).waitFor();
  await page.click('#use-token');
  await page.locator('#verdict.refused').waitFor();
  expect(await page.locator('#decoded-claims').textContent()).toContain('"note": "<img src=x onerror=');
  expect(await page.locator('#checks').textContent()).toContain('<img src=x');
  expect(await page.locator('#curl-sign').textContent()).toContain('<img src=x');
  expect(await page.locator('img, main script').count()).toBe(0);
  expect(await page.title()).toBe('vaultproof issuer');
});

test('what is copied is the whole token', async () => {
  const { page } = await open(issuer.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.fill('#claims', JSON.stringify({ note: 'x'.repeat(5_000) }));
  await page.click('#mint-button');
  await page.locator('#minted').waitFor();
  await page.click('#copy-token');
  await page.locator('#announcement', { hasText: 'copied' }).waitFor();
  const copied = String(await page.evaluate('navigator.clipboard.readText()'));
  expect(copied).toMatch(/^[\w-]+\.[\w-]{6000,}\.[\w-]+$/);
  expect((await page.locator('#minted-token').textContent())?.length).toBe(2_001);
});

test('nothing of a token is in the URL or stored', async () => {
  const { page } = await open(issuer.url);
  await page.click('#mint-button');
  await page.locator('#minted').waitFor();
  await page.click('#use-token');
  await page.locator('#verdict.valid').waitFor();
  expect(page.url()).toBe(`${issuer.url}/`);
  expect(await page.context().storageState({ indexedDB: true })).toEqual({ cookies: [], origins: [] });
  expect(await page.evaluate('sessionStorage.length')).toBe(0);
});
