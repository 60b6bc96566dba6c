import { expect, test } from 'vaultproof/vitest';
import { descendantsOf } from '../../support/what-runs.js';

test.override({ pooled: false });

test('a file that wants nothing of the pool has servers of its own', ({ env, fileEnv }) => {
  for (const { vault } of [env, fileEnv]) {
    const { host } = new URL(vault.address);
    expect(descendantsOf(process.pid).some(({ command }) => command.includes(host))).toBe(true);
  }
});
