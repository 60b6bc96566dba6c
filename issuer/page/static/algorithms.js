/**
 * How WebCrypto names an algorithm, and what key it takes.
 * @typedef {object} Algorithm
 * @property {string} kty
 * @property {string} [crv]
 * @property {RsaHashedImportParams | EcKeyImportParams | HmacImportParams | { name: string }} importAs
 * @property {RsaPssParams | EcdsaParams | { name: string }} verifyAs
 */

/** @type {(name: string, bits: number) => Algorithm} */
const rsa = (name, bits) => ({
  kty: 'RSA',
  importAs: { name, hash: `SHA-${bits}` },
  verifyAs: name === 'RSA-PSS' ? { name, saltLength: bits / 8 } : { name },
});

/** @type {(namedCurve: string, bits: number) => Algorithm} */
const ec = (namedCurve, bits) => ({
  kty: 'EC',
  crv: namedCurve,
  importAs: { name: 'ECDSA', namedCurve },
  verifyAs: { name: 'ECDSA', hash: `SHA-${bits}` },
});

/** @type {(bits: number) => Algorithm} */
const hmac = (bits) => ({
  kty: 'oct',
  importAs: { name: 'HMAC', hash: `SHA-${bits}` },
  verifyAs: { name: 'HMAC' },
});

/**
 * Every algorithm that is verified here, by its name in a token (RFC 7518, section 3.1; RFC 8037).
 * @type {ReadonlyMap<unknown, Algorithm>}
 */
export const algorithms = new Map([
  ['RS256', rsa('RSASSA-PKCS1-v1_5', 256)],
  ['RS384', rsa('RSASSA-PKCS1-v1_5', 384)],
  ['RS512', rsa('RSASSA-PKCS1-v1_5', 512)],
  ['PS256', rsa('RSA-PSS', 256)],
  ['PS384', rsa('RSA-PSS', 384)],
  ['PS512', rsa('RSA-PSS', 512)],
  ['ES256', ec('P-256', 256)],
  ['ES384', ec('P-384', 384)],
  ['ES512', ec('P-521', 512)],
  ['EdDSA', { kty: 'OKP', crv: 'Ed25519', importAs: { name: 'Ed25519' }, verifyAs: { name: 'Ed25519' } }],
  ['HS256', hmac(256)],
  ['HS384', hmac(384)],
  ['HS512', hmac(512)],
]);
