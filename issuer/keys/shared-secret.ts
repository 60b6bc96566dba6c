import { createSecretKey } from 'node:crypto';
import { WrongUse } from '../../errors/index.js';
import { authenticateWith, type SecretAlgorithm, secretAlgorithms } from './algorithms.js';

/** A secret that signer and verifier share. It has no public half, and is in no key set. */
export interface SharedSecret {
  readonly alg: SecretAlgorithm;
  /** The code of bytes, as JWS has it. */
  sign(data: Uint8Array): Uint8Array;
}

/**
 * A shared secret from a text, whose bytes are taken as they are, not decoded, but without line breaks: what
 * `openssl rand -base64 64` prints has one in its middle, and a .env file none.
 * @param alg default HS256
 * @throws TypeError for a secret shorter than the hash (RFC 7518, section 3.2)
 */
export function sharedSecret(text: string, alg: SecretAlgorithm = 'HS256'): SharedSecret {
  if (!secretAlgorithms.includes(alg)) {
    throw new WrongUse(`"alg" must be one of ${secretAlgorithms.join(', ')}, not "${String(alg)}"`);
  }
  const bytes = secretBytes(text);
  const least = Number(alg.slice(2)) / 8;
  if (bytes.length < least) {
    throw new WrongUse(`a secret for ${alg} must have ${least} bytes or more, this one has ${bytes.length}`);
  }
  const secret = createSecretKey(bytes);
  return { alg, sign: (data) => authenticateWith(alg, secret, data) };
}

/** The bytes of a shared secret, as {@link sharedSecret} takes them: those of its text, without line breaks. */
export function secretBytes(text: string): Uint8Array {
  return Buffer.from(text.replace(/[\r\n]+/g, ''), 'utf8');
}
