import { afterEach, beforeEach, expect, type TestContext, test, vi } from 'vitest';
import { requires } from '../support/requirement.js';

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
