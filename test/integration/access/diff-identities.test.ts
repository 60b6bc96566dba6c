import { type AccessDiff, proveAccessDiff } from 'vaultproof';
import { accessDiff, readAccess } from 'vaultproof/access';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addressPairs,
  entityPairs,
  equalIdentityPairs,
  groupPairs,
  identityDocumentOf,
} from './diff-identity-pairs.js';
import { mountOf } from './diff-pairs.js';

/** Both sides of pairs, each pair at a mount of its own. */
async function sidesOf(pairs: typeof groupPairs) {
  const base = await readAccess([identityDocumentOf(pairs.map((pair) => pair.base))]);
  return { base, head: await readAccess([identityDocumentOf(pairs.map((pair) => pair.head))]) };
}

const all = [...groupPairs, ...entityPairs, ...addressPairs];

describe('what a change of groups, entities or addresses lets in is found, with a witness that two servers prove', () => {
  let proven: AccessDiff;
  beforeAll(async () => {
    const sides = await sidesOf(all);
    proven = await proveAccessDiff(accessDiff(sides.base, sides.head), sides);
  });

  test('there are 16 that differ in groups alone, 8 in entities, 4 in addresses', () => {
    expect([groupPairs.length, entityPairs.length, addressPairs.length]).toEqual([16, 8, 4]);
    expect(proven.undecided).toEqual([]);
  });

  test.for(all.map(({ name }, index) => ({ name, index })))('$name', ({ index }) => {
    const found = [...proven.widened, ...proven.narrowed].filter(({ mount }) => mount === mountOf(index));
    expect(proven.widened.some(({ mount }) => mount === mountOf(index))).toBe(true);
    expect(found.filter((one) => one.proven !== true)).toEqual([]);
  });
});

describe('what only looks different is no difference', () => {
  test.for(equalIdentityPairs)('$name', async (pair) => {
    const { base, head } = await sidesOf([pair]);
    expect(accessDiff(base, head)).toEqual({ widened: [], narrowed: [], undecided: [] });
  });

  test('there are 13', () => {
    expect(equalIdentityPairs).toHaveLength(13);
  });
});

test('a witness whose address this host does not have is not proven, and it says why', async () => {
  const side = (...token_bound_cidrs: readonly string[]) =>
    readAccess([identityDocumentOf([{ roles: { ci: { token_bound_cidrs } } }])]);
  const sides = { base: await side('192.0.2.0/25'), head: await side('192.0.2.0/24', '2001:db8::/32') };
  const { widened } = await proveAccessDiff(accessDiff(sides.base, sides.head), sides);
  expect(widened.map(({ proven, reason, witness }) => [proven, witness.address, reason])).toEqual(
    ['login', 'access'].map(() => [
      false,
      '2001:db8::1',
      '2001:db8::1 is no address of this host, and no connection can be made from it',
    ]),
  );
});
