import { type AccessDiff, proveAccessDiff } from 'vaultproof';
import { accessDiff, readAccess } from 'vaultproof/access';
import { beforeAll, describe, expect, test } from 'vitest';
import { documentOf, equalPairs, mountOf, type Pair, widenedPairs } from './diff-pairs.js';

/** Both sides of pairs, each pair at a mount of its own. */
async function sidesOf(pairs: readonly Pair[]) {
  const base = await readAccess([documentOf(pairs.map((pair) => pair.base))]);
  return { base, head: await readAccess([documentOf(pairs.map((pair) => pair.head))]) };
}

describe('what a change lets in is found, with a witness that two servers prove', () => {
  let proven: AccessDiff;
  beforeAll(async () => {
    const sides = await sidesOf(widenedPairs);
    proven = await proveAccessDiff(accessDiff(sides.base, sides.head), sides);
  });

  test('there are 44, ten of globs that overlap and ten of policies with several rules', () => {
    expect(widenedPairs).toHaveLength(44);
    expect(proven.undecided).toEqual([]);
  });

  test.for(widenedPairs.map(({ name }, index) => ({ name, index })))('$name', ({ index }) => {
    const all = [...proven.widened, ...proven.narrowed].filter(({ mount }) => mount === mountOf(index));
    expect(proven.widened.some(({ mount }) => mount === mountOf(index))).toBe(true);
    expect(all.filter((one) => one.proven !== true)).toEqual([]);
  });
});

describe('what only looks different is no difference', () => {
  test.for(equalPairs)('$name', async (pair) => {
    const { base, head } = await sidesOf([pair]);
    expect(accessDiff(base, head)).toEqual({ widened: [], narrowed: [], undecided: [], mayWiden: [] });
  });

  test('there are 41', () => {
    expect(equalPairs).toHaveLength(41);
  });
});

test('a witness is proven where a policy has no rule but one that is undecided', async () => {
  const templated = { policy: 'path "kv/{{identity.entity.name}}" { capabilities = ["read"] }' };
  const sides = await sidesOf([
    {
      name: 'one more subject',
      base: { ...templated, roles: { ci: { bound_subject: 'me' } } },
      head: { ...templated, roles: { ci: {} } },
    },
  ]);
  const { widened } = await proveAccessDiff(accessDiff(sides.base, sides.head), sides);
  expect(widened).toMatchObject([{ kind: 'login', role: 'ci', proven: true }]);
});
