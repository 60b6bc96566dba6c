import type { KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { exportJWK } from 'jose/key/export';
import { WrongUse } from '../../errors/index.js';
import { algorithmsFor } from './algorithms.js';
import type { KeyOptions, SigningKey } from './signing-key.js';

/**
 * A key whose public half alone is at hand: it can be published, and `sign` throws a TypeError.
 * @throws TypeError when the key is too weak, of an unknown kind, or can't verify what is signed with `alg`
 */
export async function verifyingKey(publicKey: KeyObject, options: KeyOptions = {}): Promise<SigningKey> {
  const possible = algorithmsFor(publicKey);
  const { alg = possible[0] } = options;
  if (!possible.includes(alg)) {
    throw new WrongUse(`this key can't verify "${alg}", it can ${possible.join(', ')}`);
  }
  const jwk = await exportJWK(publicKey);
  const kid = options.kid ?? (await calculateJwkThumbprint(jwk));
  return publicHalfOf({ alg, kid, publicJwk: { ...jwk, kid, use: 'sig', alg } });
}

/** The same key without its private half: `sign` throws a TypeError. */
export function publicHalfOf({ alg, kid, publicJwk }: Pick<SigningKey, 'alg' | 'kid' | 'publicJwk'>): SigningKey {
  const sign = (): never => {
    throw new WrongUse(`the key "${kid}" has only its public half and can't sign`);
  };
  return { alg, kid, publicJwk, sign };
}
