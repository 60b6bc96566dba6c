import { momentInWords, secondsInWords } from './times.js';

/**
 * One check of a token and its result.
 * @typedef {object} Check
 * @property {'form' | 'algorithm' | 'key' | 'signature' | 'iss' | 'sub' | 'aud' | 'exp' | 'nbf' | 'iat'} name
 * @property {'passed' | 'failed' | 'skipped'} outcome
 * @property {string} text
 * @property {string} [code] of a failure, as docs/errors.md has them
 */

/** @type {(name: Check['name'], text: string) => Check} */
export function passed(name, text) {
  return { name, outcome: 'passed', text };
}

/** @type {(name: Check['name'], text: string) => Check} */
export function skipped(name, text) {
  return { name, outcome: 'skipped', text };
}

/** @type {(name: Check['name'], code: string, text: string) => Check} */
export function failed(name, code, text) {
  return { name, outcome: 'failed', text, code };
}

/** @typedef {Readonly<Record<string, unknown>>} Claims */

/**
 * `iss`, byte for byte.
 * @type {(claims: Claims, expected: string) => Check}
 */
export function issuerCheck({ iss }, expected) {
  if (iss !== undefined && typeof iss !== 'string') return mistyped('iss', 'a string', iss);
  if (expected === '') return skipped('iss', 'not compared: no issuer is filled in');
  if (iss === expected) return passed('iss', `"${expected}"`);
  return failed('iss', 'issuer_mismatch', `expected "${expected}", found ${shown(iss)}`);
}

/**
 * `sub`, byte for byte.
 * @type {(claims: Claims, expected: string) => Check}
 */
export function subjectCheck({ sub }, expected) {
  if (sub !== undefined && typeof sub !== 'string') return mistyped('sub', 'a string', sub);
  if (expected === '') return skipped('sub', 'not compared: no subject is filled in');
  if (sub === expected) return passed('sub', `"${expected}"`);
  return failed('sub', 'subject_mismatch', `expected "${expected}", found ${shown(sub)}`);
}

/**
 * `aud`, a string or a list with the expected one in it.
 * @type {(claims: Claims, expected: string) => Check}
 */
export function audienceCheck({ aud }, expected) {
  const audiences = Array.isArray(aud) ? aud : [aud];
  if (aud !== undefined && !audiences.every((one) => typeof one === 'string')) {
    return mistyped('aud', 'a string or a list of strings', aud);
  }
  if (expected === '') return skipped('aud', 'not compared: no audience is filled in');
  if (audiences.includes(expected)) return passed('aud', `"${expected}"`);
  return failed('aud', 'audience_mismatch', `expected "${expected}", found ${shown(aud)}`);
}

/**
 * `exp`, which must be there, and `nbf` and `iat`, which needn't (RFC 7519, sections 4.1.4 to 4.1.6).
 * @type {(claims: Claims, expected: { now: number, leeway: number }) => Check[]}
 */
export function timeChecks(claims, { now, leeway }) {
  return [
    timeCheck('exp', claims['exp'], (exp) => {
      if (now < exp + leeway) return passed('exp', `ends ${momentInWords(exp, now)}`);
      return failed('exp', 'token_expired', `it expired ${momentInWords(exp, now)}${within(leeway)}`);
    }),
    timeCheck('nbf', claims['nbf'], (nbf) => {
      if (nbf <= now + leeway) return passed('nbf', `began ${momentInWords(nbf, now)}`);
      return failed('nbf', 'token_not_yet_valid', `it is valid from ${momentInWords(nbf, now)}${within(leeway)}`);
    }),
    timeCheck('iat', claims['iat'], (iat) => {
      if (iat <= now + leeway) return passed('iat', `issued ${momentInWords(iat, now)}`);
      return failed(
        'iat',
        'token_issued_in_future',
        `it says it was issued ${momentInWords(iat, now)}${within(leeway)}`,
      );
    }),
  ];
}

/** @type {(name: 'exp' | 'nbf' | 'iat', time: unknown, check: (time: number) => Check) => Check} */
function timeCheck(name, time, check) {
  if (typeof time === 'number') return check(time);
  if (time !== undefined) return mistyped(name, 'a number of seconds', time);
  return name === 'exp'
    ? failed('exp', 'claim_missing', 'it is missing: the token never ends')
    : skipped(name, 'absent');
}

/** @type {(name: Check['name'], expected: string, found: unknown) => Check} */
function mistyped(name, expected, found) {
  return failed(name, 'claim_type_mismatch', `it must be ${expected}, found ${shown(found)}`);
}

/** @type {(leeway: number) => string} */
function within(leeway) {
  return leeway > 0 ? `, more than the leeway of ${secondsInWords(leeway)}` : '';
}

/** @type {(value: unknown) => string} */
export function shown(value) {
  if (value === undefined) return 'none';
  try {
    const text = JSON.stringify(value);
    return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  } catch {
    return 'something too deep to show';
  }
}
