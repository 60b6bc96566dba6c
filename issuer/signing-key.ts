import { generateKeyPair as generateKeyPairCallback, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

const generateKeyPair = promisify(generateKeyPairCallback);

/** The signature algorithms that keys can be generated for (RFC 7518, section 3.1). */
export const signingAlgorithms = ['ES256', 'RS256'] as const;
/** One of {@link signingAlgorithms}. */
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** A private key and the public half that goes into a key set. */
export interface SigningKey {
  readonly alg: SigningAlgorithm;
  /** The RFC 7638 SHA-256 thumbprint of the public key, base64url. */
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** The public key as it is published: kty, kid, use, alg and the key's own members, none of them private. */
  readonly publicJwk: Readonly<JWK>;
}

/**
 * Generates a key: P-256 for ES256, 2048 bits for RS256.
 * @see https://www.rfc-editor.org/rfc/rfc7638 for the kid
 */
export async function generateSigningKey(alg: SigningAlgorithm = 'ES256'): Promise<SigningKey> {
  if (!signingAlgorithms.includes(alg)) {
    throw new TypeError(`"alg" must be one of ${signingAlgorithms.join(', ')}, not "${alg}"`);
  }
  const { publicKey, privateKey } =
    alg === 'ES256'
      ? await generateKeyPair('ec', { namedCurve: 'P-256' })
      : await generateKeyPair('rsa', { modulusLength: 2048 });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { alg, kid, privateKey, publicJwk: { ...jwk, kid, use: 'sig', alg } };
}
