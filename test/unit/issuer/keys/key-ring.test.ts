import { decodeProtectedHeader } from 'jose';
import { createIssuer, generateSigningKey, type KeyState, type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const T = 1_800_000_000;
const vishpat = { sub: 'vishpat', aud: 'damage_inc' };
let issuer: StartedIssuer;
let old: string;

beforeEach(async () => {
  // Time stands still, so that no second goes by on a busy machine.
  vi.useFakeTimers({ toFake: ['Date'] });
  issuer = await startIssuer({ keys: [await generateSigningKey('ES256', { kid: 'old' })] });
  issuer.clock.moveTo(T);
  old = issuer.keys.active().kid;
});
afterEach(async () => {
  await issuer.stop();
  vi.useRealTimers();
});

async function key(kid: string, alg: 'ES256' | 'EdDSA' = 'ES256') {
  return generateSigningKey(alg, { kid });
}
/** Moves the clock to `T` and some seconds; what runs on costs no test a second. */
function at(seconds: number): void {
  issuer.clock.moveTo(T + seconds);
}
function states(): Record<string, KeyState> {
  return Object.fromEntries(issuer.keys.list().map(({ key: { kid }, state }) => [kid, state]));
}
async function signsWith(): Promise<unknown> {
  return decodeProtectedHeader(await issuer.sign(vishpat)).kid;
}
async function keySet(): Promise<string[]> {
  const { keys } = (await (await fetch(issuer.jwksUrl)).json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
}

describe('a key', () => {
  test('signs not before it is activated, and is in the key set from publication to retirement', async () => {
    issuer.keys.add(await key('new'), { publishAt: T });
    expect([await signsWith(), await keySet()]).toEqual(['old', ['old', 'new']]);
    issuer.keys.activate('new');
    expect([await signsWith(), await keySet()]).toEqual(['new', ['old', 'new']]);
    expect(states()).toEqual({ old: 'overlapping', new: 'active' });
    issuer.keys.retire('old');
    expect([await signsWith(), await keySet()]).toEqual(['new', ['new']]);
    expect(states()).toEqual({ old: 'retired', new: 'active' });
  });

  test('enters each state at its time', async () => {
    issuer.keys.add(await key('new'), { publishAt: T + 100, activateAt: T + 200, retireAt: T + 300 });
    const seen: [number, KeyState | undefined, unknown, string[]][] = [];
    for (const seconds of [99, 100, 199, 200, 299, 300]) {
      at(seconds);
      seen.push([seconds, states()['new'], await signsWith(), await keySet()]);
    }
    expect(seen).toEqual([
      [99, 'added', 'old', ['old']],
      [100, 'published', 'old', ['old', 'new']],
      [199, 'published', 'old', ['old', 'new']],
      [200, 'active', 'new', ['old', 'new']],
      [299, 'active', 'new', ['old', 'new']],
      [300, 'retired', 'old', ['old']],
    ]);
  });

  test('that is activated is published by then', async () => {
    issuer.keys.add(await key('new'), { publishAt: T + 900 });
    issuer.keys.activate('new', T + 50);
    at(50);
    expect([await signsWith(), await keySet()]).toEqual(['new', ['old', 'new']]);
  });

  test('of another algorithm signs beside the first one', async () => {
    issuer.keys.add(await key('ed', 'EdDSA'));
    expect(states()).toEqual({ old: 'active', ed: 'active' });
    expect(issuer.keys.active('ES256').kid).toBe('old');
    expect(issuer.keys.active('EdDSA').kid).toBe('ed');
  });

  test('that is retired is neither published nor activated again', () => {
    issuer.keys.retire('old');
    expect(() => issuer.keys.publish('old')).toThrow(expect.objectContaining({ code: 'unknown_kid' }));
    expect(() => issuer.keys.activate('old')).toThrow(expect.objectContaining({ code: 'unknown_kid' }));
    expect(() => issuer.keys.active()).toThrow(expect.objectContaining({ code: 'no_active_key' }));
  });

  test('that nobody added is not found', () => {
    for (const verb of ['publish', 'activate', 'retire'] as const) {
      expect(() => issuer.keys[verb]('nobody')).toThrow(expect.objectContaining({ code: 'unknown_kid' }));
    }
  });
});

describe('a kid', () => {
  test('is given to one key only', async () => {
    const another = await key('old');
    expect(() => issuer.keys.add(another)).toThrow(expect.objectContaining({ code: 'kid_taken' }));
  });

  test('of a retired key is given to another when that is asked for, and not before', async () => {
    const another = await key('old');
    issuer.keys.retire('old');
    expect(() => issuer.keys.add(another)).toThrow(expect.objectContaining({ code: 'kid_taken' }));
    issuer.keys.add(another, { reuseKid: true });
    expect(issuer.keys.active()).toBe(another);
    expect(await keySet()).toEqual(['old']);
  });

  test('of a key that still lives is given to no other, even if that is asked for', async () => {
    const another = await key('old');
    expect(() => issuer.keys.add(another, { reuseKid: true })).toThrow(expect.objectContaining({ code: 'kid_taken' }));
  });

  test('may have the characters of a path or of SQL, and is a text like any other', async () => {
    const kid = "../../etc/passwd' OR 1=1; --";
    issuer.keys.add(await key(kid));
    expect(await signsWith()).toBe(kid);
    expect(await keySet()).toEqual(['old', kid]);
  });
});

describe('a rotation', () => {
  test('publishes, then signs, then retires, with a lead and an overlap', async () => {
    const { kid } = await issuer.keys.rotate({ leadSeconds: 60, overlapSeconds: 120 });
    const seen: [number, unknown, string[]][] = [];
    for (const seconds of [0, 59, 60, 179, 180]) {
      at(seconds);
      seen.push([seconds, await signsWith(), await keySet()]);
    }
    expect(seen).toEqual([
      [0, old, [old, kid]],
      [59, old, [old, kid]],
      [60, kid, [old, kid]],
      [179, kid, [old, kid]],
      [180, kid, [kid]],
    ]);
    expect(issuer.keys.active().alg).toBe('ES256');
  });

  test('takes no algorithm in place of options', async () => {
    await expect(issuer.keys.rotate('RS256' as never)).rejects.toThrow('the options of rotate are "RS256"');
    expect(await keySet()).toEqual([old]);
  });

  test('without options signs at once, and the old key verifies for 300 s', async () => {
    const { kid } = await issuer.keys.rotate();
    expect(await signsWith()).toBe(kid);
    at(299);
    expect(await keySet()).toEqual([old, kid]);
    at(300);
    expect(await keySet()).toEqual([kid]);
  });

  test.each([0, 60])('after another one within a second, with a lead of %d s, leaves one key', async (leadSeconds) => {
    const first = await issuer.keys.rotate({ leadSeconds });
    const second = await issuer.keys.rotate({ leadSeconds });
    expect(await keySet()).toEqual([old, first.kid, second.kid]);
    at(leadSeconds);
    expect(await signsWith()).toBe(second.kid);
    at(leadSeconds + 300);
    expect(await keySet()).toEqual([second.kid]);
  });

  test('beside another one leaves one key', async () => {
    await Promise.all([issuer.keys.rotate(), issuer.keys.rotate(), issuer.keys.rotate()]);
    at(300);
    expect(await keySet()).toHaveLength(1);
  });

  test('at once, after one with a lead, is followed by that one and leaves no third key', async () => {
    const later = await issuer.keys.rotate({ leadSeconds: 60 });
    const now = await issuer.keys.rotate();
    expect(await signsWith()).toBe(now.kid);
    at(60);
    expect(await signsWith()).toBe(later.kid);
    at(360);
    expect(await keySet()).toEqual([later.kid]);
  });

  test('of one algorithm leaves the default to the other one', async () => {
    issuer.keys.add(await key('ed', 'EdDSA'));
    issuer.keys.activate('old');
    at(10);
    const next = await issuer.keys.rotate({ alg: 'EdDSA' });
    expect(issuer.keys.active('EdDSA').kid).toBe(next.kid);
    expect(await signsWith()).toBe('old');
    at(900);
    expect(await keySet()).toEqual(['old', next.kid]);
  });

  test('to a given key of another algorithm replaces the one that signs', async () => {
    await issuer.keys.rotate({ key: await key('ed', 'EdDSA') });
    expect(await signsWith()).toBe('ed');
    at(300);
    expect(await keySet()).toEqual(['ed']);
  });

  test('does not put off a retirement that was to come sooner', async () => {
    issuer.keys.retire('old', T + 10);
    const { kid } = await issuer.keys.rotate();
    at(10);
    expect(await keySet()).toEqual([kid]);
  });

  test.each([-1, 0.5, Number.NaN])(
    'with a lead or an overlap of %d s is wrong use and changes nothing',
    async (bad) => {
      await expect(issuer.keys.rotate({ leadSeconds: bad })).rejects.toThrow(TypeError);
      await expect(issuer.keys.rotate({ overlapSeconds: bad })).rejects.toThrow(TypeError);
      expect(states()).toEqual({ old: 'active' });
    },
  );

  test('to a kid that is taken changes nothing', async () => {
    await expect(issuer.keys.rotate({ key: await key('old') })).rejects.toMatchObject({ code: 'kid_taken' });
    at(300);
    expect(states()).toEqual({ old: 'active' });
  });
});

test('the order of the key set is that in which keys were added, whatever becomes of them', async () => {
  for (const kid of ['c', 'a', 'b']) issuer.keys.add(await key(kid), { publishAt: T });
  for (const kid of ['b', 'c', 'a', 'old', 'c']) {
    issuer.keys.activate(kid);
    expect(await keySet()).toEqual(['old', 'c', 'a', 'b']);
    expect(await signsWith()).toBe(kid);
  }
  issuer.keys.retire('a');
  expect(await keySet()).toEqual(['old', 'c', 'b']);
});

describe('retired keys', () => {
  test('are kept up to 100, of which the last 16 can sign', async () => {
    const { keys } = await createIssuer('https://issuer.example');
    const first = keys.active();
    for (let count = 0; count < 150; count += 1) await keys.rotate({ overlapSeconds: 0 });
    const retired = keys.list().filter(({ state }) => state === 'retired');
    // The last rotation retired one more.
    expect(retired).toHaveLength(101);
    expect(retired.map(({ key }) => key.privateKey !== undefined)).toEqual([
      ...Array(84).fill(false),
      ...Array(17).fill(true),
    ]);
    expect(keys.published()).toEqual([keys.active()]);
    expect(() => retired[0]?.key.sign(Buffer.from('a'))).toThrow(TypeError);
    expect(() => keys.retire(first.kid)).toThrow(expect.objectContaining({ code: 'unknown_kid' }));
    keys.add(first);
    expect(keys.active().kid).toBe(first.kid);
  });

  test('are none of those that retire later', async () => {
    const { keys } = await createIssuer('https://issuer.example');
    for (let count = 0; count < 120; count += 1) await keys.rotate({ overlapSeconds: 60 });
    expect(keys.list().filter(({ key }) => key.privateKey)).toHaveLength(121);
    expect(keys.published()).toHaveLength(121);
  });
});
