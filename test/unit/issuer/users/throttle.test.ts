import { expect, test } from 'vitest';
import { startClock } from '../../../../issuer/clock.js';
import { type Throttle, throttle } from '../../../../issuer/users/throttle.js';

const fail = (guesses: Throttle, subject = 'mesh') =>
  guesses.attempt(subject, async () => ({ success: false, value: 'wrong' }));
const succeed = (guesses: Throttle) => guesses.attempt('mesh', async () => ({ success: true, value: 'right' }));

test('four failures are free; then the wait doubles from 1 s to 5 minutes', async () => {
  const clock = startClock();
  clock.moveTo(1_000_000);
  const guesses = throttle(clock);
  for (let free = 0; free < 4; free++) expect(await fail(guesses)).toEqual({ value: 'wrong' });
  const waits: unknown[] = [];
  for (let round = 0; round < 11; round++) {
    expect(await fail(guesses)).toEqual({ value: 'wrong' });
    const refused = await fail(guesses);
    waits.push('retryAfterSeconds' in refused ? refused.retryAfterSeconds : 0);
    clock.advance(2 ** Math.min(round, 9));
  }
  // The system's clock may go on by a second in between.
  expect(waits.map((wait, round) => Math.abs(Number(wait) - Math.min(2 ** round, 300)) <= 1)).not.toContain(false);
});

test('a wait is over when its time has come, and others never waited', async () => {
  const clock = { now: () => 100 };
  const guesses = throttle({ now: () => clock.now() });
  for (let n = 0; n < 6; n++) await fail(guesses);
  expect(await succeed(guesses)).toEqual({ retryAfterSeconds: 1 });
  expect(await fail(guesses, 'somebody else')).toEqual({ value: 'wrong' });
  clock.now = () => 101;
  expect(await succeed(guesses)).toEqual({ value: 'right' });
});

test('success forgives the failures before it', async () => {
  const guesses = throttle({ now: () => 100 });
  for (let n = 0; n < 4; n++) await fail(guesses);
  await succeed(guesses);
  for (let n = 0; n < 4; n++) await fail(guesses);
  expect(await succeed(guesses)).toEqual({ value: 'right' });
});

test('guesses side by side count one after the other', async () => {
  const guesses = throttle({ now: () => 100 });
  let made = 0;
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () =>
      guesses.attempt('mesh', async () => {
        made += 1;
        await new Promise((resolve) => setImmediate(resolve));
        return { success: false, value: 'wrong' };
      }),
    ),
  );
  expect(made).toBe(5);
  expect(outcomes.filter((outcome) => 'retryAfterSeconds' in outcome)).toHaveLength(45);
});

test('logins side by side that succeed all succeed', async () => {
  const guesses = throttle({ now: () => 100 });
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => succeed(guesses)));
  expect(outcomes.filter((outcome) => 'value' in outcome)).toHaveLength(50);
});

test('a clock that is moved back makes nobody wait longer', async () => {
  let now = 1000;
  const guesses = throttle({ now: () => now });
  for (let n = 0; n < 5; n++) await fail(guesses);
  now = 10;
  expect(await succeed(guesses)).toEqual({ value: 'right' });
});

test('failures are forgotten after a quarter of an hour', async () => {
  let now = 1000;
  const guesses = throttle({ now: () => now });
  for (let n = 0; n < 4; n++) await fail(guesses);
  now += 901;
  for (let n = 0; n < 4; n++) await fail(guesses);
  expect(await succeed(guesses)).toEqual({ value: 'right' });
});

test('an attempt that throws holds nobody up', async () => {
  const guesses = throttle({ now: () => 100 });
  await expect(guesses.attempt('mesh', () => Promise.reject(new Error('store')))).rejects.toThrow('store');
  expect(await succeed(guesses)).toEqual({ value: 'right' });
});
