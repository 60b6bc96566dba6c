import { expect, test } from 'vitest';
import { sideBySide } from '../../../issuer/users/password.js';

test('so many run at once and no more, in the order in which they came, whatever becomes of them', async () => {
  const two = sideBySide(2);
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const work = (n: number) => async (): Promise<number> => {
    begun.push(n);
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (n % 3 === 0) throw new Error(`${n}`);
    return n;
  };
  const numbers = Array.from({ length: 20 }, (_, n) => n);
  const outcomes = await Promise.allSettled(numbers.map((n) => two.run(work(n))));
  expect(begun).toEqual(numbers);
  expect(most).toBe(2);
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(7);
  expect(await two.run(work(1))).toBe(1);
});
