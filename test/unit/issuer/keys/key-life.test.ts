import type { SigningKey } from 'vaultproof/issuer';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type KeyRing, keyRing } from '../../../../issuer/keys/key-ring.js';
import { generateSigningKey } from '../../../../issuer/keys/signing-key.js';

let es256: SigningKey;
let eddsa: SigningKey;
beforeAll(async () => {
  es256 = await generateSigningKey('ES256');
  eddsa = await generateSigningKey('EdDSA');
});

let now: number;
let ring: KeyRing;
beforeEach(() => {
  now = 1000;
  const unmoved = (): never => {
    throw new Error('a ring moves no clock');
  };
  ring = keyRing({ now: () => now, moveTo: unmoved, advance: unmoved, reset: unmoved });
});

const ec = (kid: string): SigningKey => ({ ...es256, kid });
const ed = (kid: string): SigningKey => ({ ...eddsa, kid });
const lives = (): unknown[] => ring.list().map(({ key: { kid }, ...life }) => ({ kid, ...life }));
const refusal = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};

describe('a key that is added', () => {
  test('without times is published and signs at once', () => {
    ring.add(ec('a'));
    expect(lives()).toEqual([{ kid: 'a', state: 'active', publishAt: 1000, activateAt: 1000 }]);
  });

  test('with an end alone signs at once, until then', () => {
    ring.add(ec('a'), { retireAt: 1010 });
    expect(lives()).toEqual([{ kid: 'a', state: 'active', publishAt: 1000, activateAt: 1000, retireAt: 1010 }]);
    now = 1010;
    expect(lives()).toMatchObject([{ state: 'retired' }]);
  });

  test('with a publication alone does not sign', () => {
    ring.add(ec('a'), { publishAt: 1005 });
    expect(lives()).toEqual([{ kid: 'a', state: 'added', publishAt: 1005 }]);
    now = 1005;
    expect(lives()).toEqual([{ kid: 'a', state: 'published', publishAt: 1005 }]);
  });

  test('with an activation alone is published by then, not before', () => {
    ring.add(ec('a'), { activateAt: 1005 });
    expect(lives()).toEqual([{ kid: 'a', state: 'added', publishAt: 1005, activateAt: 1005 }]);
    expect(ring.published()).toEqual([]);
  });

  test('that is active before it is published signs once it is', () => {
    ring.add(ec('a'), { publishAt: 1005, activateAt: 1001 });
    now = 1004;
    expect(lives()).toMatchObject([{ state: 'added' }]);
    expect(() => ring.active()).toThrow();
    now = 1005;
    expect(ring.active().kid).toBe('a');
  });

  test('not by default signs where there is no other, or its algorithm is asked for', () => {
    ring.add(ed('aside'), { byDefault: false });
    expect(ring.active().kid).toBe('aside');
    ring.add(ec('a'), { activateAt: 10 });
    expect(ring.active().kid).toBe('a');
    expect(ring.active('EdDSA').kid).toBe('aside');
  });

  test('later with an earlier activation does not sign by default', () => {
    ring.add(ed('a'), { activateAt: 900 });
    ring.add(ec('b'), { activateAt: 800 });
    expect(ring.active().kid).toBe('a');
  });

  test('to be activated later counts from then', () => {
    ring.add(ed('a'), { activateAt: 1010 });
    ring.add(ec('b'));
    now = 1010;
    expect(ring.active().kid).toBe('a');
  });
});

test('a list has no time that a key does not have', () => {
  ring.add(ec('a'), { publishAt: 1005 });
  ring.add(ec('b'), { retireAt: 1010 });
  expect(lives()).toStrictEqual([
    { kid: 'a', state: 'added', publishAt: 1005 },
    { kid: 'b', state: 'active', publishAt: 1000, activateAt: 1000, retireAt: 1010 },
  ]);
});

describe('of two keys of one algorithm', () => {
  test('the one that was activated later signs, whichever was added first', () => {
    ring.add(ec('a'), { activateAt: 900 });
    ring.add(ec('b'), { activateAt: 800 });
    expect(ring.active().kid).toBe('a');
    ring.activate('b', 950);
    expect(ring.active().kid).toBe('b');
    expect(lives()).toMatchObject([{ state: 'overlapping' }, { state: 'active' }]);
  });

  test('the one that was activated last signs where the second is the same', () => {
    ring.add(ec('a'));
    ring.add(ec('b'));
    expect(ring.active().kid).toBe('b');
    ring.activate('a');
    expect(ring.active().kid).toBe('a');
  });
});

describe('an activation', () => {
  test('leaves a publication that comes sooner', () => {
    ring.add(ec('a'), { publishAt: 900 });
    ring.activate('a', 1005);
    expect(lives()).toEqual([{ kid: 'a', state: 'published', publishAt: 900, activateAt: 1005 }]);
  });

  test('brings a publication that comes later forward', () => {
    ring.add(ec('a'), { publishAt: 2000 });
    ring.activate('a', 1005);
    expect(lives()).toEqual([{ kid: 'a', state: 'added', publishAt: 1005, activateAt: 1005 }]);
  });

  test('makes a key of another algorithm the one that signs by default', () => {
    ring.add(ec('a'));
    ring.add(ed('b'));
    ring.activate('a');
    expect(ring.active().kid).toBe('a');
    ring.activate('b', 1001);
    expect(ring.active().kid).toBe('a');
    now = 1001;
    expect(ring.active().kid).toBe('b');
  });
});

describe('a publication', () => {
  test('is now, or at a time', () => {
    ring.add(ec('a'), { publishAt: 2000 });
    ring.publish('a', 1001);
    expect(lives()).toMatchObject([{ state: 'added', publishAt: 1001 }]);
    ring.publish('a');
    expect(lives()).toMatchObject([{ state: 'published', publishAt: 1000 }]);
  });
});

describe('a refusal', () => {
  test('of a kid that no key has names it', () => {
    for (const verb of ['publish', 'activate', 'retire'] as const) {
      expect(refusal(() => ring[verb]('nobody'))).toMatchObject({
        code: 'unknown_kid',
        message: 'there is no key "nobody", add it first',
        details: { kid: 'nobody' },
      });
    }
  });

  test('of a key that is retired says that it is', () => {
    ring.add(ec('a'));
    ring.retire('a');
    for (const verb of ['publish', 'activate'] as const) {
      expect(refusal(() => ring[verb]('a'))).toMatchObject({
        code: 'unknown_kid',
        message: 'the key "a" is retired for good, add another',
        details: { kid: 'a' },
      });
    }
  });

  test('of a kid that is taken says by what', () => {
    ring.add(ec('a'));
    const taken = { code: 'kid_taken', details: { kid: 'a' } };
    expect(refusal(() => ring.add(ec('a')))).toMatchObject({
      ...taken,
      message: 'the kid "a" belongs to another key of this ring',
    });
    ring.retire('a');
    expect(refusal(() => ring.add(ec('a')))).toMatchObject({
      ...taken,
      message: 'the kid "a" belongs to another key of this ring, a retired one',
    });
    ring.add(ec('a'), { reuseKid: true });
    expect(lives()).toMatchObject([{ state: 'retired' }, { state: 'active' }]);
    ring.retire('a', 1500);
    expect(lives()).toMatchObject([{ retireAt: 1000 }, { retireAt: 1500 }]);
  });

  test('to sign names the algorithms that there are', () => {
    expect(refusal(() => ring.active())).toMatchObject({
      code: 'no_active_key',
      message: 'no key is active; active keys: none',
      details: { alg: undefined },
    });
    ring.add(ed('b'));
    ring.add(ec('a'));
    expect(refusal(() => ring.active('RS256'))).toMatchObject({
      code: 'no_active_key',
      message:
        "no key for \"RS256\" is active; active keys: ES256, EdDSA: start it with startIssuer({ algorithms: ['ES256', 'EdDSA', 'RS256'] })",
      details: { alg: 'RS256' },
    });
  });

  test.each([
    ['RS256', 'a key is needed, not "RS256": add(await generateSigningKey(\'RS256\'))'],
    [Promise.resolve(), "a key is needed, not a Promise: add(await generateSigningKey('RS256'))"],
    [undefined, "a key is needed, not something else: add(await generateSigningKey('RS256'))"],
  ])('to add what is no key: %s', (key, message) => {
    expect(() => ring.add(key as never)).toThrow(new TypeError(message));
    expect(ring.list()).toEqual([]);
  });

  test.each(['leadSeconds', 'overlapSeconds'])('of a rotation names "%s"', async (name) => {
    ring.add(ec('a'));
    for (const value of [-1, 0.5, 2 ** 53]) {
      await expect(ring.rotate({ [name]: value })).rejects.toThrow(
        new TypeError(`"${name}" must be a whole number of seconds, 0 or more, not "${value}"`),
      );
    }
    expect(lives()).toHaveLength(1);
  });
});

describe('a rotation', () => {
  test('publishes at once, signs after its lead, and retires its predecessor after the overlap', async () => {
    ring.add(ec('a'));
    await ring.rotate({ key: ec('b'), leadSeconds: 10, overlapSeconds: 20 });
    expect(lives()).toEqual([
      { kid: 'a', state: 'active', publishAt: 1000, activateAt: 1000, retireAt: 1030 },
      { kid: 'b', state: 'published', publishAt: 1000, activateAt: 1010 },
    ]);
  });

  test('keeps a retirement that comes sooner', async () => {
    ring.add(ec('a'), { retireAt: 1005 });
    await ring.rotate({ key: ec('b') });
    expect(lives()).toMatchObject([{ retireAt: 1005 }, { state: 'active' }]);
  });

  test('of a ring without a key adds one', async () => {
    const { alg } = await ring.rotate({ alg: 'EdDSA' });
    expect({ alg, lives: lives() }).toMatchObject({ alg: 'EdDSA', lives: [{ state: 'active' }] });
  });

  test('to another algorithm that is asked for leaves the others alone', async () => {
    ring.add(ec('a'));
    await ring.rotate({ alg: 'EdDSA', key: ed('b') });
    expect(lives()).toEqual([
      { kid: 'a', state: 'active', publishAt: 1000, activateAt: 1000 },
      { kid: 'b', state: 'active', publishAt: 1000, activateAt: 1000 },
    ]);
  });

  test('to a key of another algorithm retires the one that signs by default', async () => {
    ring.add(ec('a'));
    await ring.rotate({ key: ed('b'), overlapSeconds: 7 });
    expect(lives()).toMatchObject([
      { kid: 'a', retireAt: 1007 },
      { kid: 'b', state: 'active' },
    ]);
    expect(ring.active().kid).toBe('b');
  });

  test('of the algorithm that does not sign by default leaves the default', async () => {
    ring.add(ed('b'));
    now = 1001;
    ring.add(ec('a'));
    now = 1002;
    await ring.rotate({ key: ed('c') });
    expect(ring.active().kid).toBe('a');
    expect(ring.active('EdDSA').kid).toBe('c');
  });

  test('of an empty ring makes a key of the default algorithm', async () => {
    expect((await ring.rotate()).alg).toBe('ES256');
    expect(lives()).toMatchObject([{ state: 'active' }]);
  });

  test('ends where the next one that was called before takes over', async () => {
    ring.add(ec('a'));
    await ring.rotate({ key: ec('last'), leadSeconds: 100 });
    await ring.rotate({ key: ec('next'), leadSeconds: 50 });
    ring.add(ed('other'), { activateAt: 1010 });
    ring.add(ec('gone'), { activateAt: 1020, retireAt: 1000 });
    await ring.rotate({ key: ec('now'), overlapSeconds: 5 });
    expect(lives().at(-1)).toMatchObject({ kid: 'now', state: 'active', retireAt: 1055 });
  });

  test('without options makes a key of the algorithm that signs', async () => {
    ring.add(ed('b'));
    expect((await ring.rotate()).alg).toBe('EdDSA');
  });
});

test('of many retired keys the last 16 that were retired can sign, whichever were added last', async () => {
  const kids = Array.from({ length: 20 }, (_, at) => `k${at}`);
  for (const kid of kids) ring.add(await generateSigningKey('ES256', { kid }));
  for (const kid of kids.toReversed()) {
    ring.retire(kid);
    now += 1;
  }
  ring.add(await generateSigningKey('ES256', { kid: 'new' }));
  const able = ring.list().flatMap(({ key }) => (key.privateKey === undefined ? [] : [key.kid]));
  expect(able).toEqual([...kids.slice(0, 16), 'new']);
});
