import { describe, expect, test } from 'vitest';
import { startClock } from '../../../../issuer/clock.js';
import { type Guess, type Throttle, throttle } from '../../../../issuer/users/throttle.js';

const mesh = { name: 'mesh', address: '127.0.0.1' };
const fail = (guesses: Throttle, guess: Guess = mesh) =>
  guesses.attempt(guess, async () => ({ success: false, value: 'wrong' }));
const succeed = (guesses: Throttle, guess: Guess = mesh) =>
  guesses.attempt(guess, async () => ({ success: true, value: 'right' }));

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
  expect(await fail(guesses, { ...mesh, name: 'somebody else' })).toEqual({ value: 'wrong' });
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
      guesses.attempt(mesh, async () => {
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
  await expect(guesses.attempt(mesh, () => Promise.reject(new Error('store')))).rejects.toThrow('store');
  expect(await succeed(guesses)).toEqual({ value: 'right' });
});

describe('from another address', () => {
  const elsewhere = { name: 'mesh', address: '127.0.0.2' };

  test('guesses at a name keep its owner out nowhere else', async () => {
    const guesses = throttle({ now: () => 100 });
    for (let n = 0; n < 40; n++) await fail(guesses, elsewhere);
    expect(await fail(guesses, elsewhere)).toEqual({ retryAfterSeconds: 1 });
    expect(await succeed(guesses)).toEqual({ value: 'right' });
  });

  test('50 at a name from anywhere are free, and who has logged in before never waits for more', async () => {
    const guesses = throttle({ now: () => 100 });
    await succeed(guesses);
    const from = (n: number): Guess => ({ name: 'mesh', address: `127.0.1.${n}` });
    for (let n = 0; n < 51; n++) expect(await fail(guesses, from(n))).toEqual({ value: 'wrong' });
    expect(await succeed(guesses, from(51))).toEqual({ retryAfterSeconds: 1 });
    expect(await succeed(guesses)).toEqual({ value: 'right' });
  });

  test('50 at any names are free, and who has logged in before never waits for more', async () => {
    const guesses = throttle({ now: () => 100 });
    await succeed(guesses);
    for (let n = 0; n < 51; n++) {
      expect(await fail(guesses, { ...mesh, name: `guessed ${n}` })).toEqual({ value: 'wrong' });
    }
    expect(await succeed(guesses, { ...mesh, name: 'new here' })).toEqual({ retryAfterSeconds: 1 });
    expect(await succeed(guesses, { ...elsewhere, name: 'new here' })).toEqual({ value: 'right' });
    expect(await succeed(guesses)).toEqual({ value: 'right' });
  });

  test('who has logged in before still waits for failures of their own', async () => {
    const guesses = throttle({ now: () => 100 });
    await succeed(guesses);
    for (let n = 0; n < 5; n++) await fail(guesses);
    expect(await succeed(guesses)).toEqual({ retryAfterSeconds: 1 });
  });

  test("an account of one's own forgives no guesses at others", async () => {
    const guesses = throttle({ now: () => 100 });
    for (let n = 0; n < 51; n++) {
      await fail(guesses, { ...mesh, name: `guessed ${n}` });
      if (n < 50) await succeed(guesses, { ...mesh, name: 'eve' });
    }
    expect(await fail(guesses, { ...mesh, name: 'another' })).toEqual({ retryAfterSeconds: 1 });
  });
});

test('of attempts under way there are so many and no more, but for who has logged in before', async () => {
  const guesses = throttle({ now: () => 100 }, 3);
  await succeed(guesses);
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const attempts = Array.from({ length: 5 }, (_, n) =>
    guesses.attempt({ ...mesh, name: `user ${n}` }, async () => {
      await ended;
      return { success: true, value: n };
    }),
  );
  expect(await Promise.all(attempts.slice(3))).toEqual([{ retryAfterSeconds: 1 }, { retryAfterSeconds: 1 }]);
  expect(await succeed(guesses)).toEqual({ value: 'right' });
  end();
  expect(await Promise.all(attempts.slice(0, 3))).toEqual([{ value: 0 }, { value: 1 }, { value: 2 }]);
  expect(await succeed(guesses, { ...mesh, name: 'user 4' })).toEqual({ value: 'right' });
});
