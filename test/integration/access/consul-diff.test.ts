import { type AccessDiff, proveAccessDiff } from 'vaultproof';
import { accessDiff, readAccess } from 'vaultproof/access';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type ConsulPair,
  consulDocumentOf,
  equalConsulPairs,
  methodOf,
  widenedConsulPairs,
} from './consul-diff-pairs.js';

/** Both sides of pairs, each pair with an auth method of its own. */
async function sidesOf(pairs: readonly ConsulPair[]) {
  const base = await readAccess([consulDocumentOf(pairs.map((pair) => pair.base))]);
  return { base, head: await readAccess([consulDocumentOf(pairs.map((pair) => pair.head))]) };
}

describe('what a change lets into Consul is found, with a witness that two servers prove', () => {
  let proven: AccessDiff;
  beforeAll(async () => {
    const sides = await sidesOf(widenedConsulPairs);
    proven = await proveAccessDiff(accessDiff(sides.base, sides.head), sides);
  });

  test('there are 25, and only what a regular expression decides is undecided', () => {
    expect(widenedConsulPairs).toHaveLength(25);
    expect(proven.undecided).toEqual([
      'consul_acl_binding_rule.m5_0: whether it newly lets in or allows something, which a regular expression may decide',
    ]);
  });

  test.for(widenedConsulPairs.map(({ name }, index) => ({ name, index })))('$name', ({ index }) => {
    const all = [...proven.widened, ...proven.narrowed].filter(({ authMethod }) => authMethod === methodOf(index));
    expect(proven.widened.some(({ authMethod }) => authMethod === methodOf(index))).toBe(true);
    expect(all.filter((one) => one.proven !== true)).toEqual([]);
  });
});

describe('what only looks different is no difference', () => {
  test.for(equalConsulPairs)('$name', async (pair) => {
    const { base, head } = await sidesOf([pair]);
    expect(accessDiff(base, head)).toEqual({ widened: [], narrowed: [], undecided: [], mayWiden: [] });
  });

  test('there are 18', () => {
    expect(equalConsulPairs).toHaveLength(18);
  });
});
