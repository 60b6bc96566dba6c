import { describe, expect, test } from 'vitest';
import { dependencyOrder, runInOrder } from '../../../harness/provision/dependency-order.js';

const items = (needs: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(needs).map(([address, needed]) => ({ address, needs: needed }));
const addresses = (ordered: readonly { readonly address: string }[]): string =>
  ordered.map((one) => one.address).join('');

describe('the order', () => {
  test('has each after those that it needs', () => {
    expect(addresses(dependencyOrder(items({ a: ['c'], b: [], c: ['b'], d: ['a', 'b'] })))).toBe('bcad');
  });

  test('takes a need that is named twice as one', () => {
    expect(addresses(dependencyOrder(items({ a: ['b', 'b'], b: [] })))).toBe('ba');
  });

  test.each([
    { what: 'itself', needs: { a: ['a'], b: ['a'], c: [] }, circle: ['a'] },
    { what: 'each other', needs: { a: ['b'], b: ['c'], c: ['a'], d: ['a'], e: ['d'] }, circle: ['a', 'b', 'c'] },
    {
      what: 'each other twice, with one between them',
      needs: { a: ['b'], b: ['a'], between: ['a'], c: ['d', 'between'], d: ['c'] },
      circle: ['a', 'b', 'c', 'd'],
    },
  ])('of those that wait for $what is none, and names the circle alone', ({ needs, circle }) => {
    expect(() => dependencyOrder(items(needs as Record<string, string[]>))).toThrow(
      expect.objectContaining({ code: 'dependency_cycle', details: { addresses: circle } }),
    );
  });

  test('of a chain of 20,000 is there in no time', () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => ({
      address: `${index}`,
      needs: index === 19_999 ? [] : [`${index + 1}`],
    }));
    const begin = performance.now();
    expect(dependencyOrder(chain)[0]?.address).toBe('19999');
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

describe('a run', () => {
  test('has no more at once than it may', async () => {
    let running = 0;
    let most = 0;
    await runInOrder(items({ a: [], b: [], c: [], d: [], e: [] }), 2, async () => {
      running++;
      most = Math.max(most, running);
      await Promise.resolve();
      running--;
    });
    expect(most).toBe(2);
  });

  test('leaves out what needs one that failed, does all else, and throws the failure', async () => {
    const done: string[] = [];
    const run = runInOrder(items({ a: [], b: ['a'], c: ['b'], d: [] }), 2, async ({ address }) => {
      if (address === 'a') throw new Error('a failed');
      done.push(address);
    });
    await expect(run).rejects.toThrow('a failed');
    expect(done).toEqual(['d']);
  });

  test('a run without steps ends at once', async () => {
    await expect(runInOrder([], 4, async () => {})).resolves.toBeUndefined();
  });
});
