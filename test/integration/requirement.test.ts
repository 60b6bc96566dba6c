import { afterEach, beforeEach, expect, type TestContext, test, vi } from 'vitest';
import { requires } from '../support/requirement.js';
import { ofProduct, requiresOfVault } from '../support/vault-of-tests.js';

const skip = vi.fn();
const context = { skip } as unknown as TestContext;

beforeEach(() => {
  vi.stubEnv('PATH', '/nonexistent');
  vi.stubEnv('VAULTPROOF_REQUIRE', '');
  skip.mockClear();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('a test that needs what is not there is skipped, with the reason', async () => {
  await requires('terraform')(context);
  expect(skip.mock.calls).toEqual([['needs terraform: neither terraform nor tofu is on PATH']]);
});

test.each(['terraform', 'docker,terraform', ' terraform , docker '])(
  'VAULTPROOF_REQUIRE="%s" makes that a failure',
  async (names) => {
    vi.stubEnv('VAULTPROOF_REQUIRE', names);
    await expect(requires('terraform')(context)).rejects.toThrow(
      new Error('VAULTPROOF_REQUIRE asks for terraform: neither terraform nor tofu is on PATH'),
    );
    expect(skip).not.toHaveBeenCalled();
  },
);

test('VAULTPROOF_REQUIRE with other names leaves it a skip', async () => {
  vi.stubEnv('VAULTPROOF_REQUIRE', 'docker,terraforms');
  await requires('terraform')(context);
  expect(skip).toHaveBeenCalledOnce();
});

test('a test that needs Go is skipped where there is none', async () => {
  await requires('go')(context);
  expect(skip.mock.calls).toEqual([[expect.stringMatching(/^needs go: no "go" on PATH/)]]);
});

test('VAULTPROOF_REQUIRE="go" makes that a failure', async () => {
  vi.stubEnv('VAULTPROOF_REQUIRE', 'go');
  await expect(requires('go')(context)).rejects.toThrow('VAULTPROOF_REQUIRE asks for go: no "go" on PATH');
});

const withoutPairs = ofProduct({
  vault: undefined,
  openbao: 'needs "jwks_pairs" (several key sets for one JWT auth method), which OpenBao 2.7.2 lacks',
});

test('a test that needs what OpenBao lacks is skipped there, with the reason, and runs on Vault', () => {
  requiresOfVault('jwks_pairs')(context);
  expect(skip.mock.calls).toEqual(withoutPairs === undefined ? [] : [[withoutPairs]]);
});

test('VAULTPROOF_REQUIRE="vault" makes that a failure', () => {
  vi.stubEnv('VAULTPROOF_REQUIRE', 'docker,vault');
  const run = () => requiresOfVault('jwks_pairs')(context);
  if (withoutPairs === undefined) expect(run).not.toThrow();
  else expect(run).toThrow(new Error(`VAULTPROOF_REQUIRE asks for vault: ${withoutPairs}`));
  expect(skip).not.toHaveBeenCalled();
});
