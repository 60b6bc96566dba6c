import { type Browser, type BrowserContextOptions, chromium, type Page, type Request } from 'playwright-core';
import { afterAll, afterEach, expect } from 'vitest';
import { findChromium } from './find-chromium.js';

const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  console.error('policy violation', violatedDirective, blockedURI);
});`;

/** A page in a browser of its own profile. */
export interface Tab {
  readonly page: Page;
  /** Every request that it made, in order. */
  readonly requests: readonly Request[];
  /** What went wrong in it: console errors, exceptions, policy violations, requests to elsewhere. None is left to be had. */
  readonly problems: string[];
}

/**
 * A Chromium for all tests of a file, started by the first that opens a page. A page ends with its test, which fails when
 * something went wrong in the page.
 */
export function sharedChromium(): (url: string, options?: BrowserContextOptions) => Promise<Tab> {
  let browser: Promise<Browser> | undefined;
  let tabs: Tab[] = [];
  afterEach(async () => {
    const problems = tabs.flatMap((tab) => tab.problems);
    await Promise.all(tabs.map(({ page }) => page.context().close()));
    tabs = [];
    expect(problems).toEqual([]);
  });
  afterAll(async () => (await browser)?.close());
  return async (url, options = {}) => {
    browser ??= launch();
    const context = await (await browser).newContext(options);
    const page = await context.newPage();
    const requests: Request[] = [];
    const problems: string[] = [];
    const tab = { page, requests, problems };
    tabs.push(tab);
    page.on('request', (request) => {
      requests.push(request);
      if (new URL(request.url()).origin !== new URL(url).origin) problems.push(`a request to ${request.url()}`);
    });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    // As text, since these files know no DOM.
    await page.addInitScript({ content: REPORT_VIOLATIONS });
    await page.goto(url);
    await page.locator('.key').first().waitFor();
    return tab;
  };
}

async function launch(): Promise<Browser> {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
  return chromium.launch({
    executablePath: (await findChromium()) ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet],
  });
}
