import type { SigningAlgorithm } from '../keys/algorithms.js';
import { generateSigningKey, type SigningKey } from '../keys/signing-key.js';

/** Where hostile tokens point to (`jku`, `x5u`), below an issuer's URL; the issuer counts who fetches it. */
export const LURE_PATH = '/.well-known/lure.json';

const keys = new Map<SigningAlgorithm, Promise<SigningKey>>();

/** The key of an attacker, who may not sign; of an algorithm it is the same one for the whole process. */
export function attackerKey(alg: SigningAlgorithm): Promise<SigningKey> {
  const key = keys.get(alg) ?? generateSigningKey(alg);
  keys.set(alg, key);
  return key;
}

/** Every such key that was asked for. */
export function attackerKeys(): Promise<readonly SigningKey[]> {
  return Promise.all(keys.values());
}
