import { constants, createHmac, type KeyObject, type SignKeyObjectInput, sign } from 'node:crypto';
import { UsageError } from '../../errors/index.js';

/** The algorithms of signatures that anybody can verify with a public key (RFC 7518, section 3.1; RFC 8037). */
export const signingAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
/** An algorithm with a public key. */
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** The algorithms of codes that only who knows the secret can make or verify (RFC 7518, section 3.2). */
export const secretAlgorithms = ['HS256', 'HS384', 'HS512'] as const;
/** An algorithm with a shared secret. */
export type SecretAlgorithm = (typeof secretAlgorithms)[number];

/** The curves of the algorithms that have one, by OpenSSL's names. */
export const curves = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1', EdDSA: 'ed25519' } as const;

/** Whether a text names a signature algorithm. */
export function isSigningAlgorithm(alg: unknown): alg is SigningAlgorithm {
  return signingAlgorithms.some((known) => known === alg);
}

/** The hash of an algorithm, by OpenSSL's name; null for EdDSA, which has its own. */
function hashOf(alg: SigningAlgorithm | SecretAlgorithm): string | null {
  return alg === 'EdDSA' ? null : `sha${alg.slice(2)}`;
}

/**
 * Signs bytes with a private key: R||S for ES*, never DER (RFC 7518, section 3.4), a salt as long as the hash for PS*
 * (section 3.5). RSA takes ten times what the others do, so it is done on Node's thread pool and holds up no event loop;
 * the others are done before they could be handed over.
 */
export function signWith(alg: SigningAlgorithm, key: KeyObject, data: Uint8Array): Buffer | Promise<Buffer> {
  const input: SignKeyObjectInput = { key };
  if (alg.startsWith('ES')) input.dsaEncoding = 'ieee-p1363';
  if (alg.startsWith('PS')) {
    input.padding = constants.RSA_PKCS1_PSS_PADDING;
    input.saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  }
  if (key.asymmetricKeyType !== 'rsa') return sign(hashOf(alg), data, input);
  return new Promise((resolve, reject) => {
    sign(hashOf(alg), data, input, (error, signature) => (error ? reject(error) : resolve(signature)));
  });
}

/** The message authentication code of bytes under a shared secret. */
export function authenticateWith(alg: SecretAlgorithm, secret: KeyObject, data: Uint8Array): Buffer {
  return createHmac(hashOf(alg) ?? '', secret)
    .update(data)
    .digest();
}

/**
 * The algorithms that a key can sign with, the usual one first.
 * @throws TypeError for a key that no algorithm takes: RSA under 2048 bits (RFC 7518, section 3.3), another curve, or a
 * key for RSASSA-PSS alone, which has no JWK (a plain RSA key signs PS256, too)
 * @example
 * algorithmsFor(createPublicKey(pem)); // ["ES256"] for a key on P-256
 */
export function algorithmsFor(key: KeyObject): readonly [SigningAlgorithm, ...SigningAlgorithm[]] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  if (type === 'rsa') {
    const bits = details.modulusLength ?? 0;
    if (bits < 2048) throw new UsageError(`an RSA key must have 2048 bits or more, this one has ${bits}`);
    return ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
  }
  if (type === 'ed25519') return ['EdDSA'];
  if (type === 'ec') {
    if (details.namedCurve === curves.ES256) return ['ES256'];
    if (details.namedCurve === curves.ES384) return ['ES384'];
    if (details.namedCurve === curves.ES512) return ['ES512'];
    throw new UsageError(`no algorithm signs with the curve "${details.namedCurve}": use P-256, P-384 or P-521`);
  }
  throw new UsageError(`no algorithm signs with a key of type "${type}": use RSA, EC or Ed25519`);
}
