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

const all = [...groupPairs, ...entityPairs];
/** In a container, a server does not see from which address of this host a request comes. */
const onProcesses = { engine: 'process' } as const;

describe('what a change of groups or entities lets in is found, with a witness that two servers prove', () => {
  let proven: AccessDiff;
  beforeAll(async () => {
    const sides = await sidesOf(all);
    proven = await proveAccessDiff(accessDiff(sides.base, sides.head), sides);
  });

  test('there are 16 that differ in groups alone, and 8 in entities', () => {
    expect([groupPairs.length, entityPairs.length]).toEqual([16, 8]);
    expect(proven.undecided).toEqual([]);
  });

  test.for(all.map(({ name }, index) => ({ name, index })))('$name', ({ index }) => {
    const found = [...proven.widened, ...proven.narrowed].filter(({ mount }) => mount === mountOf(index));
    expect(proven.widened.some(({ mount }) => mount === mountOf(index))).toBe(true);
    expect(found.filter((one) => one.proven !== true)).toEqual([]);
  });
});

test.for(addressPairs)('addresses, with a witness that two servers prove: $name', async (pair, { skip }) => {
  if (process.platform !== 'linux') skip('only Linux connects from any of 127.0.0.0/8');
  const sides = await sidesOf([pair]);
  const { widened, narrowed, undecided } = await proveAccessDiff(
    accessDiff(sides.base, sides.head),
    sides,
    onProcesses,
  );
  expect(undecided).toEqual([]);
  expect(widened.length).toBeGreaterThan(0);
  expect([...widened, ...narrowed].filter((one) => one.proven !== true)).toEqual([]);
});

describe('what only looks different is no difference', () => {
  test.for(equalIdentityPairs)('$name', async (pair) => {
    const { base, head } = await sidesOf([pair]);
    expect(accessDiff(base, head)).toEqual({ widened: [], narrowed: [], undecided: [], mayWiden: [] });
  });

  test('there are 13', () => {
    expect(equalIdentityPairs).toHaveLength(13);
  });
});

test('a witness whose address this host does not have is not proven, and it says why', async () => {
  const side = (...token_bound_cidrs: readonly string[]) =>
    readAccess([identityDocumentOf([{ roles: { ci: { token_bound_cidrs } } }])]);
  const sides = { base: await side('192.0.2.0/25'), head: await side('192.0.2.0/24', '2001:db8::/32') };
  const { widened } = await proveAccessDiff(accessDiff(sides.base, sides.head), sides, onProcesses);
  expect(widened.map(({ proven, reason, witness }) => [proven, witness.address, reason])).toEqual(
    ['login', 'access'].map(() => [
      false,
      '2001:db8::1',
      '2001:db8::1 is no address of this host, and no connection can be made from it',
    ]),
  );
});
