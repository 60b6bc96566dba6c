import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { pageDialect, signDialect } from 'vaultproof/issuer/endpoints';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sharedChromium } from '../../../support/chromium.js';
import { requires } from '../../../support/requirement.js';

beforeEach(requires('chromium'));
const open = sharedChromium();

const logins = {
  names: { vault: 'ci', consul: 'jwt' },
  logIn: async () => ({ accepted: true, grants: [] }) as const,
};
let issuer: StartedIssuer;
beforeAll(async () => {
  issuer = await startIssuer({ algorithms: ['ES256', 'RS256'], dialects: [pageDialect({ logins }), signDialect()] });
  await issuer.keys.rotate({ leadSeconds: 3_600 });
  await issuer.keys.rotate({ alg: 'RS256' });
  issuer.keys.retire(issuer.keys.active('RS256').kid);
});
afterAll(() => issuer.stop());

/** The page with a token that is refused, so that everything that it can show is there. */
async function fill(page: Page): Promise<void> {
  await page.selectOption('#hostile', 'expired');
  await page.click('#mint-button');
  await page.locator('#minted').waitFor();
  await page.click('#use-token');
  await page.locator('#verdict.refused').waitFor();
  await page.selectOption('#preset', 'github');
  await page.locator('#preset-help', { hasText: 'GitHub Actions' }).waitFor();
  await page.fill('#role-json', JSON.stringify({ role_type: 'jwt', user_claim: 'sub', bound_audiences: ['x'] }));
  await page.locator('#role-verdict.refused').waitFor();
  await page.selectOption('#key-source', 'pasted');
  await page.locator('#pasted').waitFor();
}

/** What axe-core finds, as rule and element. */
async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(axe.source);
  const found = await page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ' ' + target.join(' '))))`);
  return found as string[];
}

describe.each(['light', 'dark'] as const)('in the %s scheme', (colorScheme) => {
  test('axe finds nothing wrong, contrast included, before and after a token', async () => {
    const { page } = await open(issuer.url, { colorScheme });
    expect(await violations(page)).toEqual([]);
    await fill(page);
    expect(await violations(page)).toEqual([]);
    await page.selectOption('#key-source', 'issuer');
    await page.selectOption('#hostile', '');
    await page.fill('#claims', '');
    await page.click('#mint-button');
    await page.locator('#minted-claims', { hasNotText: '"nbf"' }).waitFor();
    await page.click('#use-token');
    await page.locator('#verdict.valid').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test('the page has the colours of the scheme', async () => {
    const { page } = await open(issuer.url, { colorScheme });
    const colours = await page.evaluate(
      `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]`,
    );
    const dark = ['rgb(15, 20, 27)', 'rgb(227, 233, 242)'];
    const light = ['rgb(244, 246, 249)', 'rgb(27, 35, 48)'];
    expect(colours).toEqual(colorScheme === 'dark' ? dark : light);
  });
});

test.each([
  ['360 px', { width: 360, height: 740 }],
  ['1280 px at 200 %', { width: 640, height: 400 }],
  ['1280 px at 400 %', { width: 320, height: 256 }],
])('nothing scrolls sideways at %s', async (_title, viewport) => {
  const { page } = await open(issuer.url, { viewport });
  await page.fill('#sub', 'x'.repeat(200));
  await fill(page);
  const wide = await page.evaluate(
    `[...document.querySelectorAll('body *:not(.unseen)')].filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5).map((one) => one.id || one.className || one.tagName)`,
  );
  expect(wide).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
});

test('the verdict is announced whole, and not each second', async () => {
  const { page } = await open(issuer.url);
  await page.evaluate(`
    window.told = [];
    const verdict = document.getElementById('verdict');
    new MutationObserver(() => told.push(verdict.textContent)).observe(verdict, { childList: true, characterData: true, subtree: true });
  `);
  await page.fill('#token', await issuer.sign({ sub: 'vishpat', aud: null }));
  const exp = page.locator('.check', { hasText: 'exp' }).locator('.detail');
  const first = await exp.textContent();
  await page.locator('#checks', { hasNotText: first ?? '' }).waitFor();
  expect(await page.evaluate('told')).toEqual(['Valid: no check failed']);
  expect(await page.locator('#verdict').ariaSnapshot()).toBe('- status: "Valid: no check failed"');
});

test('every field and button has a name of its own', async () => {
  const { page } = await open(issuer.url);
  await fill(page);
  for (const role of ['button', 'textbox', 'combobox', 'spinbutton', 'checkbox'] as const) {
    const names = await Promise.all(
      (await page.getByRole(role).all()).map(async (one) => (await one.ariaSnapshot()).split('\n')[0] ?? ''),
    );
    expect(names.filter((name) => !name.includes('"'))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  }
});
