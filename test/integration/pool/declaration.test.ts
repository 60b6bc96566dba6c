import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';

test.override({
  declaration: {
    by: async ({ vault }) => {
      await vault.request('POST', 'sys/mounts/secret', { type: 'kv' });
      await vault.seed('secret/app', { password: 'correct horse' });
    },
  },
});

describe.sequential('a file with a declaration', () => {
  const tokens = new Set<string>();

  for (const name of ['first', 'second', 'third']) {
    test(`gives the ${name} test what was declared, and nothing that another test wrote`, async ({
      env: { vault },
    }) => {
      tokens.add(vault.token);
      expect(await vault.root.read('secret/app')).toEqual({ password: 'correct horse' });
      await vault.seed('secret/app', { password: name });
    });
  }

  test('gave each of them a token of its own', () => {
    expect(tokens.size).toBe(3);
  });
});
