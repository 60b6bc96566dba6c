import { isObject } from './jwt.js';

/**
 * A public key: a JWK (RFC 7517), or the bytes of a SubjectPublicKeyInfo (RFC 5280).
 * @typedef {{ jwk: Readonly<Record<string, unknown>> } | { spki: Uint8Array<ArrayBuffer> }} PublicKey
 */

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/g;

/**
 * Reads what was pasted: a key set, a JWK, or one or several public keys as PEM.
 * @param {string} text
 * @returns {{ keys: PublicKey[] } | { problem: string }}
 */
export function readKeys(text) {
  const trimmed = text.trim();
  if (trimmed === '') return { problem: 'paste a public key: PEM, JWK or a key set' };
  return trimmed.startsWith('{') ? readJwks(trimmed) : readPem(trimmed);
}

/**
 * @param {string} text
 * @returns {{ keys: PublicKey[] } | { problem: string }}
 */
function readJwks(text) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'the pasted key is not JSON' };
  }
  const listed = isObject(value) && Array.isArray(value['keys']) ? value['keys'] : [value];
  const keys = listed.filter(isObject).filter((key) => typeof key['kty'] === 'string');
  if (keys.length === 0) return { problem: 'the pasted JSON has no key: a JWK has "kty", a key set has "keys"' };
  if (keys.some((key) => key['kty'] === 'oct'))
    return { problem: 'a pasted key is a secret: choose "a shared secret"' };
  if (keys.some((key) => 'd' in key)) return { problem: 'a pasted key is a private one: paste its public half' };
  return { keys: keys.map((jwk) => ({ jwk })) };
}

/**
 * @param {string} text
 * @returns {{ keys: PublicKey[] } | { problem: string }}
 */
function readPem(text) {
  /** @type {PublicKey[]} */
  const keys = [];
  for (const [, label = '', body = ''] of text.matchAll(PEM)) {
    if (label.endsWith('PRIVATE KEY')) return { problem: 'that is a private key: paste its public half' };
    if (label !== 'PUBLIC KEY') {
      const make = label === 'CERTIFICATE' ? 'openssl x509 -pubkey -noout' : 'openssl rsa -RSAPublicKey_in -pubout';
      return { problem: `that is a "${label}", not a "PUBLIC KEY": make one with ${make}` };
    }
    try {
      keys.push({ spki: Uint8Array.from(atob(body.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0)) });
    } catch {
      return { problem: 'the pasted PEM is not base64' };
    }
  }
  return keys.length > 0 ? { keys } : { problem: 'that is not a key: paste PEM, a JWK or a key set' };
}
