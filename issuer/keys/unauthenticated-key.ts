import { randomBytes } from 'node:crypto';
import type { SigningAlgorithm } from './algorithms.js';
import { generateSigningKey, type SigningKey } from './signing-key.js';

const MARK = 'unauthenticated.';
/** As long as a thumbprint. */
const KID_BYTES = 32;

/**
 * A key for tokens that were issued without a password, where other tokens need one. Its kid says so:
 * `unauthenticated.` and a random name. A token can name another key in its header, and then fits none.
 */
export function unauthenticatedKey(alg: SigningAlgorithm): Promise<SigningKey> {
  return generateSigningKey(alg, { kid: MARK + randomBytes(KID_BYTES).toString('base64url') });
}

/** Whether a key is of that kind: it says nothing of who logged in. */
export function isUnauthenticated({ kid }: Pick<SigningKey, 'kid'>): boolean {
  return kid.startsWith(MARK);
}
