import type { Environment } from 'vaultproof';
import type { TokenClaims } from 'vaultproof/issuer';
import { expect, test } from 'vaultproof/vitest';
import { describe } from 'vitest';
import { consulParameters, plainModes } from '../../support/consul-parameters.js';
import { runOn } from '../../support/engines.js';

// Discovery has the issuer's own URL, which no container reaches.
test.override({
  fileServices: {
    vault: false,
    consul: runOn('process', 'consul'),
    issuer: { algorithms: ['RS256'] },
  },
});

let env: Environment;
test.beforeAll(({ fileEnv }) => {
  env = fileEnv;
});
const { keys, method, sign, answer } = consulParameters(() => env);

/** Consul takes nanoseconds; -1 and 0 are themselves. */
const nanoseconds = (seconds: number): number => (seconds > 0 ? seconds * 1_000_000_000 : seconds);

const HOUR = 3600;
const second = (): number => Math.floor(Date.now() / 1000);

/** What a token's times are, as seconds from now; null leaves one out. */
type Times = Readonly<Partial<Record<'iat' | 'nbf' | 'exp', number | null>>>;

/** Logs in with a token of these times, within the second that they count from. */
async function at(name: string, times: Times): Promise<unknown> {
  for (;;) {
    const now = second();
    const claims = Object.entries(times).map(([claim, offset]) => [claim, offset === null ? null : now + offset]);
    const answered = await answer(name, await sign(Object.fromEntries(claims) as Partial<TokenClaims>));
    // A login across the turn of a second says nothing about either.
    if (second() === now) return answered;
  }
}

/** The token is let in until `seconds` after its time, and in the second that begins then no more. */
async function endsAfter(name: string, seconds: number, times: (offset: number) => Times): Promise<void> {
  expect(await at(name, times(1 - seconds))).toBe('let in');
  expect(await at(name, times(-seconds))).toMatchObject({ code: 'token_expired' });
}

/** The token is let in in the second that begins `seconds` before its time, and not in the one before. */
async function beginsBefore(name: string, seconds: number, code: string, times: (offset: number) => Times) {
  expect(await at(name, times(seconds))).toBe('let in');
  expect(await at(name, times(seconds + 1))).toMatchObject({ code });
}

describe.each(plainModes)('with keys from %s', (mode) => {
  describe.each([
    ['without a ClockSkewLeeway', undefined, 60],
    ['with the ClockSkewLeeway 0', 0, 60],
    ['with the ClockSkewLeeway -1', -1, 0],
    ['with a ClockSkewLeeway of 10 s', 10, 10],
    ['with a ClockSkewLeeway of 2 h', 7200, 7200],
  ])('%s', (_title, leeway, seconds) => {
    const config = () => ({
      ...keys(mode),
      ...(leeway !== undefined && { ClockSkewLeeway: nanoseconds(leeway) }),
    });

    test(`a token is let in until ${seconds} s after its exp`, async () => {
      await endsAfter(await method(config()), seconds, (exp) => ({ iat: -8 * HOUR, exp }));
    });

    test(`a token is let in from ${seconds} s before its nbf on`, async () => {
      const times = (nbf: number): Times => ({ iat: -10, nbf, exp: 8 * HOUR });
      await beginsBefore(await method(config()), seconds, 'token_not_yet_valid', times);
    });

    test(`a token is let in from ${seconds} s before its iat on`, async () => {
      const times = (iat: number): Times => ({ iat, nbf: -10, exp: 8 * HOUR });
      await beginsBefore(await method(config()), seconds, 'token_issued_in_future', times);
    });

    test(`an iat stands for an nbf that is not there: from ${seconds} s before it on`, async () => {
      const times = (iat: number): Times => ({ iat, exp: 8 * HOUR });
      await beginsBefore(await method(config()), seconds, 'token_not_yet_valid', times);
    });
  });

  describe.each([
    ['without an ExpirationLeeway', undefined, 150],
    ['with the ExpirationLeeway 0', 0, 150],
    ['with the ExpirationLeeway -1', -1, 0],
    ['with an ExpirationLeeway of 10 s', 10, 10],
  ])('%s', (_title, leeway, seconds) => {
    const config = () => ({
      ...keys(mode),
      ...(leeway !== undefined && { ExpirationLeeway: nanoseconds(leeway) }),
    });

    test(`a token without exp is let in until ${seconds} s after its iat, and 60 s of clock skew`, async () => {
      await endsAfter(await method(config()), seconds + 60, (iat) => ({ iat, exp: null }));
    });

    test(`a token without exp is let in until ${seconds} s after its nbf, where that is later than its iat`, async () => {
      await endsAfter(await method(config()), seconds + 60, (nbf) => ({ iat: -HOUR, nbf, exp: null }));
    });

    test('a token with an exp is let in until 60 s after it', async () => {
      await endsAfter(await method(config()), 60, (exp) => ({ iat: -HOUR, exp }));
    });
  });

  describe.each([
    ['without a NotBeforeLeeway', undefined, 150],
    ['with the NotBeforeLeeway 0', 0, 150],
    ['with the NotBeforeLeeway -1', -1, 0],
    ['with a NotBeforeLeeway of 10 s', 10, 10],
  ])('%s', (_title, leeway, seconds) => {
    const config = () => ({
      ...keys(mode),
      ...(leeway !== undefined && { NotBeforeLeeway: nanoseconds(leeway) }),
    });

    test(`a token with exp alone is let in from ${seconds} s before that on, and 60 s of clock skew`, async () => {
      const times = (exp: number): Times => ({ iat: null, exp });
      await beginsBefore(await method(config()), seconds + 60, 'token_not_yet_valid', times);
    });

    test('a token with an nbf is let in from 60 s before it on', async () => {
      const times = (nbf: number): Times => ({ iat: null, nbf, exp: HOUR });
      await beginsBefore(await method(config()), 60, 'token_not_yet_valid', times);
    });
  });

  test('without any clock skew, the other two leeways hold to the second', async () => {
    const leeways = { ExpirationLeeway: nanoseconds(20), NotBeforeLeeway: nanoseconds(30), ClockSkewLeeway: -1 };
    const name = await method({ ...keys(mode), ...leeways });
    await endsAfter(name, 20, (iat) => ({ iat, exp: null }));
    await beginsBefore(name, 30, 'token_not_yet_valid', (exp) => ({ iat: null, exp }));
  });

  test('what is refused for a time that was derived says by which claim, and how long that would have done', async () => {
    const leeways = {
      ExpirationLeeway: nanoseconds(20),
      NotBeforeLeeway: nanoseconds(30),
      ClockSkewLeeway: nanoseconds(5),
    };
    const name = await method({ ...keys(mode), ...leeways });
    const now = Math.floor(Date.now() / 1000);
    const about = (time: number) => expect.toSatisfy((found: number) => Math.abs(found - time) < 10);
    expect(await at(name, { iat: -100, exp: null })).toMatchObject({
      code: 'token_expired',
      expected: { after: about(now - 25) },
      found: about(now - 100),
    });
    expect(await at(name, { iat: null, exp: 100 })).toMatchObject({
      code: 'token_not_yet_valid',
      expected: { before: about(now + 35) },
      found: about(now + 100),
    });
    expect(await at(name, { iat: -200, exp: -100 })).toMatchObject({ expected: { after: about(now - 5) } });
    expect(await at(name, { iat: 100, exp: 200 })).toMatchObject({ expected: { before: about(now + 5) } });
  });

  test('a number that is meant as seconds is nanoseconds: with 10 for 10 s, none is left', async () => {
    const name = await method({ ...keys(mode), ClockSkewLeeway: 10 });
    await endsAfter(name, 0, (exp) => ({ iat: -HOUR, exp }));
  });
});

describe('with discovery, whatever the leeways', () => {
  const all = (leeway: number) => ({ ExpirationLeeway: leeway, NotBeforeLeeway: leeway, ClockSkewLeeway: leeway });
  test.each([
    ['that are not there', {}],
    ['of -1', all(-1)],
    ['of 2 h', all(nanoseconds(7200))],
  ])('%s, exp has none, nbf has 300 s, iat is not looked at, and there must be an exp', async (_title, leeways) => {
    const name = await method({ ...keys('discovery'), ...leeways });
    await endsAfter(name, 0, (exp) => ({ iat: -HOUR, exp }));
    await beginsBefore(name, 300, 'token_not_yet_valid', (nbf) => ({ iat: -10, nbf, exp: HOUR }));
    expect(await at(name, { iat: 8 * HOUR, nbf: -10, exp: 9 * HOUR })).toBe('let in');
    expect(await at(name, { iat: -10, exp: null })).toMatchObject({ code: 'claim_missing', claim: 'exp', found: null });
    expect(await at(name, { iat: null, exp: 8 * HOUR })).toBe('let in');
  });
});

test.each(['10s', 'ten'])('a leeway of %j is refused when it is written', async (text) => {
  await expect(method({ ...keys('static keys'), ClockSkewLeeway: text })).rejects.toMatchObject({
    code: 'request_refused',
    details: {
      status: 500,
      errors: [expect.stringContaining("'ClockSkewLeeway' cannot parse value as 'time.Duration'")],
    },
  });
});
