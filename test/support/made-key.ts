import { generateSigningKey, type SigningAlgorithm, type SigningKey } from 'vaultproof/issuer';

const made = new Map<SigningAlgorithm, Promise<SigningKey>>();

/** A key of no issuer, which is made once for an algorithm: an RSA key takes 0.1 s and more of CPU. */
export function madeKey(alg: SigningAlgorithm): Promise<SigningKey> {
  const key = made.get(alg) ?? generateSigningKey(alg);
  made.set(alg, key);
  return key;
}
