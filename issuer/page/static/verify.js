/** @import { Decoded } from './jwt.js' */
/** @import { PublicKey } from './pasted-keys.js' */
/** @import { Check } from './checks.js' */
import { algorithms } from './algorithms.js';
import { audienceCheck, failed, issuerCheck, passed, skipped, subjectCheck, timeChecks } from './checks.js';

/**
 * What a token is held against.
 * @typedef {object} Expectations
 * @property {readonly PublicKey[] | { secret: Uint8Array<ArrayBuffer> } | { problem: string }} keys
 * @property {ReadonlyMap<string, string>} [absent] why a key that is known is not among them, by kid
 * @property {string} issuer '' for any
 * @property {string} subject '' for any
 * @property {string} audience '' for any
 * @property {number} leeway seconds that a clock may be off
 * @property {number} now seconds since 1970
 */

/**
 * Verifies a token in the browser: form, algorithm, key, signature, issuer, subject, audience, times, in this order.
 * @param {Decoded} decoded
 * @param {Expectations} expected
 * @returns {Promise<Check[]>}
 */
export async function verify(decoded, expected) {
  const header = decoded.header?.object;
  const claims = decoded.claims?.object;
  if (decoded.problem !== undefined || !header || !claims) {
    const code = decoded.tooLarge ? 'token_too_large' : 'token_malformed';
    const names = /** @type {const} */ (['algorithm', 'key', 'signature', 'iss', 'sub', 'aud', 'exp', 'nbf', 'iat']);
    return [
      failed('form', code, decoded.problem ?? 'it is not a JWT'),
      ...names.map((name) => skipped(name, 'not checked: the form is wrong')),
    ];
  }
  return [
    'crit' in header
      ? failed('form', 'token_malformed', 'its header has "crit", and no extension is understood here')
      : passed('form', 'a compact JWT'),
    ...(await signatureChecks(decoded, header, expected)),
    issuerCheck(claims, expected.issuer),
    subjectCheck(claims, expected.subject),
    audienceCheck(claims, expected.audience),
    ...timeChecks(claims, expected),
  ];
}

/**
 * @param {Decoded} decoded
 * @param {Readonly<Record<string, unknown>>} header
 * @param {Expectations} expected
 * @returns {Promise<Check[]>}
 */
async function signatureChecks(decoded, header, { keys, absent }) {
  const { alg, kid } = header;
  const algorithm = algorithms.get(alg);
  const notChecked = skipped('signature', 'not checked: there is no key to check it with');
  if (!algorithm) {
    const found = typeof alg === 'string' ? `"${alg}" is not allowed` : 'the header names none';
    const text = /^none$/i.test(String(alg)) ? `"${alg}": nobody signed this token` : found;
    return [failed('algorithm', 'algorithm_not_allowed', text), skipped('key', 'not looked for'), notChecked];
  }
  const isSecret = 'secret' in keys;
  if (isSecret !== (algorithm.kty === 'oct')) {
    const text = isSecret
      ? `"${alg}" is verified with a public key: choose one below`
      : `"${alg}" is verified with a shared secret, not with a public key`;
    return [failed('algorithm', 'algorithm_not_allowed', text), skipped('key', 'not looked for'), notChecked];
  }
  const algorithmCheck = passed('algorithm', String(alg));
  if ('problem' in keys) return [algorithmCheck, failed('key', 'unknown_key', keys.problem), notChecked];
  if (isSecret) {
    if (keys.secret.length === 0)
      return [algorithmCheck, failed('key', 'unknown_key', 'fill in the secret'), notChecked];
    const key = await crypto.subtle.importKey('raw', keys.secret, algorithm.importAs, false, ['verify']);
    return [algorithmCheck, passed('key', 'the shared secret'), await checkSignature(decoded, algorithm, key)];
  }
  const tried = await Promise.all(candidateKeys(keys, kid).map((key) => keyChecks(key, alg, algorithm, decoded)));
  const best =
    tried.find(([, signature]) => signature.outcome === 'passed') ??
    tried.find(([, signature]) => signature.outcome === 'failed') ??
    tried[0];
  return [algorithmCheck, ...(best ?? [failed('key', 'unknown_key', whyNoKey(kid, absent)), notChecked])];
}

/**
 * The keys that a token may be signed with: those with its kid, all for a token without one, else those without a kid.
 * @type {(keys: readonly PublicKey[], kid: unknown) => readonly PublicKey[]}
 */
function candidateKeys(keys, kid) {
  if (kid === undefined || kid === '') return keys;
  const named = keys.filter((key) => 'jwk' in key && key.jwk['kid'] === kid);
  return named.length > 0 ? named : keys.filter((key) => 'spki' in key || key.jwk['kid'] === undefined);
}

/** @type {(key: PublicKey, alg: unknown, algorithm: import('./algorithms.js').Algorithm, decoded: Decoded) => Promise<[Check, Check]>} */
async function keyChecks(key, alg, algorithm, decoded) {
  const notChecked = skipped('signature', 'not checked: there is no key to check it with');
  const wrong = 'jwk' in key ? whyWrong(key.jwk, alg, algorithm) : undefined;
  if (wrong !== undefined) return [failed('key', 'algorithm_not_allowed', wrong), notChecked];
  try {
    const imported = await importPublic(key, algorithm);
    const named = 'jwk' in key && typeof key.jwk['kid'] === 'string' ? `"${key.jwk['kid']}"` : 'the pasted key';
    return [passed('key', named), await checkSignature(decoded, algorithm, imported)];
  } catch {
    const text = `the key can't verify "${alg}": it is of another kind, or broken`;
    return [failed('key', 'algorithm_not_allowed', text), notChecked];
  }
}

/** @type {(kid: unknown, absent: ReadonlyMap<string, string> | undefined) => string} */
function whyNoKey(kid, absent) {
  if (kid === undefined || kid === '') return 'there is no key';
  const named = typeof kid === 'string' ? `"${kid}"` : JSON.stringify(kid);
  return (typeof kid === 'string' && absent?.get(kid)) || `no key has the kid ${named}`;
}

/** @type {(jwk: Readonly<Record<string, unknown>>, alg: unknown, algorithm: import('./algorithms.js').Algorithm) => string | undefined} */
function whyWrong(jwk, alg, { kty, crv }) {
  const { alg: own = alg, use = 'sig', key_ops: operations } = jwk;
  if (own !== alg) return `the key is for "${own}", the token says "${alg}"`;
  if (use !== 'sig') return 'the key is not for signatures';
  if (Array.isArray(operations) && !operations.includes('verify')) return 'the key is not for verifying';
  if (jwk['kty'] !== kty || (crv !== undefined && jwk['crv'] !== crv)) {
    return `a key of type ${[jwk['kty'], jwk['crv']].filter(Boolean).join(' ')} can't verify "${alg}"`;
  }
  return undefined;
}

/** @type {(key: PublicKey, algorithm: import('./algorithms.js').Algorithm) => Promise<CryptoKey>} */
function importPublic(key, { importAs }) {
  if ('spki' in key) return crypto.subtle.importKey('spki', key.spki, importAs, false, ['verify']);
  // What says what the key is for was compared already, and WebCrypto has words of its own for it.
  const { kty, crv, x, y, n, e } = /** @type {JsonWebKey} */ (key.jwk);
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined);
  return crypto.subtle.importKey('jwk', Object.fromEntries(members), importAs, false, ['verify']);
}

/** @type {(decoded: Decoded, algorithm: import('./algorithms.js').Algorithm, key: CryptoKey) => Promise<Check>} */
async function checkSignature({ signature, signed }, { verifyAs }, key) {
  const holds = await crypto.subtle.verify(verifyAs, key, signature ?? new Uint8Array(), signed);
  return holds
    ? passed('signature', 'fits the key')
    : failed(
        'signature',
        'signature_invalid',
        'it does not fit the key: the token was changed, or another key signed it',
      );
}
