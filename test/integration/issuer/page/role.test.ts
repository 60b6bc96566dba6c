import type { Page } from 'playwright-core';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { pageDialect, signDialect } from 'vaultproof/issuer/endpoints';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sharedChromium } from '../../../support/chromium.js';
import { requires } from '../../../support/requirement.js';

beforeEach(requires('chromium'));
const open = sharedChromium();

let issuer: StartedIssuer;
beforeAll(async () => {
  issuer = await startIssuer({ dialects: [pageDialect(), signDialect()] });
});
afterAll(() => issuer.stop());

/** What `vault read -format=json auth/jwt/role/NAME` prints, shortened. */
const role = {
  request_id: '6f3c1d0e',
  data: {
    role_type: 'jwt',
    user_claim: 'repository_id',
    bound_audiences: ['https://vault.acme.example'],
    bound_subject: '',
    bound_claims_type: 'glob',
    bound_claims: { ref: ['refs/heads/release-*', 'refs/tags/v*'], '/job/kind': ['deploy'], repository_id: ['74'] },
    clock_skew_leeway: 0,
    expiration_leeway: 0,
    not_before_leeway: 0,
    token_bound_cidrs: ['10.0.0.0/8'],
  },
};
const claims = {
  sub: 'repo:acme/app',
  aud: 'https://vault.acme.example',
  repository_id: '74',
  ref: 'refs/heads/release-7',
  job: { kind: 'deploy' },
};

const outcomes = async (page: Page): Promise<Record<string, string>> => {
  const read = `[...document.querySelectorAll('#role-checks .check')].map((one) =>
    [one.querySelector('strong').textContent, one.querySelector('.unseen').textContent.slice(0, -2)])`;
  return Object.fromEntries((await page.evaluate(read)) as [string, string][]);
};

test('a token within all bounds of a role is said to be, and what the role alone does not tell is said, too', async () => {
  const { page, requests } = await open(issuer.url);
  await page.fill('#token', await issuer.sign(claims));
  const before = requests.filter((request) => request.method() !== 'GET').length;
  await page.fill('#role-json', JSON.stringify(role));
  await page.locator('#role-verdict.valid').waitFor();
  expect(await page.locator('#role-verdict').textContent()).toBe('The token matches every bound of the role');
  expect(await outcomes(page)).toEqual({
    role_type: 'passed',
    bound_audiences: 'passed',
    bound_subject: 'passed',
    'bound_claims ref': 'passed',
    'bound_claims /job/kind': 'passed',
    'bound_claims repository_id': 'passed',
    user_claim: 'passed',
    exp: 'passed',
    nbf: 'passed',
    iat: 'passed',
    iss: 'skipped',
    signature: 'skipped',
    token_bound_cidrs: 'skipped',
  });
  // The role and the token stay in the browser.
  expect(requests.filter((request) => request.method() !== 'GET')).toHaveLength(before);
});

test.each([
  ['another audience', { aud: 'https://other.example' }, 'bound_audiences'],
  ['a branch that no glob matches', { ref: 'refs/heads/main' }, 'bound_claims ref'],
  ['a claim by a JSON pointer', { job: { kind: 'test' } }, 'bound_claims /job/kind'],
  ['another repository', { repository_id: '99' }, 'bound_claims repository_id'],
  ['a user claim that is a number', { repository_id: 74 }, 'bound_claims repository_id, user_claim'],
  ['a token that expired an hour ago', { iat: 1_000, exp: 2_000 }, 'exp'],
  ['a token of next year', { nbf: 4_000_000_000, exp: 4_000_000_300 }, 'nbf'],
  [
    'a list of claims, one of which matches',
    { ref: ['x', 'refs/tags/v1'], repository_id: '99' },
    'bound_claims repository_id',
  ],
])('%s is named as what the role refuses', async (_title, changed, named) => {
  const { page } = await open(issuer.url);
  await page.fill('#token', await issuer.sign({ ...claims, ...changed }));
  await page.fill('#role-json', JSON.stringify(role));
  await page.locator('#role-verdict.refused').waitFor();
  expect(await page.locator('#role-verdict').textContent()).toBe(`Refused by the role: ${named}`);
});

test('an audience that the role has no bound for is refused, as Vault does', async () => {
  const { page } = await open(issuer.url);
  await page.fill('#token', await issuer.sign(claims));
  await page.fill(
    '#role-json',
    JSON.stringify({ role_type: 'jwt', user_claim: 'sub', bound_subject: 'repo:acme/app' }),
  );
  await page.locator('#role-verdict.refused').waitFor();
  expect(await page.locator('#role-verdict').textContent()).toBe('Refused by the role: bound_audiences');
});

test.each([
  ['{"data": ', 'the role is not JSON: paste what "vault read -format=json auth/jwt/role/NAME" prints'],
  ['{"data": {"name": "x"}}', 'this is not a JWT role: it has neither "role_type" nor "user_claim"'],
])('%s is said not to be a role', async (text, problem) => {
  const { page } = await open(issuer.url);
  await page.fill('#role-json', text);
  await expect.poll(() => page.locator('#role-verdict').textContent()).toBe(problem);
  expect(await page.getAttribute('#role-json', 'aria-invalid')).toBe('true');
});
