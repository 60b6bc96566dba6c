import { UsageError } from '../../errors/index.js';
import type { SigningAlgorithm } from './algorithms.js';
import type { SigningKey } from './signing-key.js';

/** How long the old key verifies by default once the new one signs: the default lifetime of a token. */
export const OVERLAP_SECONDS = 300;

/** How a rotation goes. */
export interface RotationOptions {
  /** Default the algorithm of the key that signs. */
  readonly alg?: SigningAlgorithm | undefined;
  /** The key to rotate to; default a generated one. */
  readonly key?: SigningKey | undefined;
  /** How long the new key is published before it signs, so that caches have it; default 0. */
  readonly leadSeconds?: number | undefined;
  /** How long the old key still verifies once the new one signs; default 300, the default lifetime of a token. */
  readonly overlapSeconds?: number | undefined;
}

/**
 * The times of a rotation, with the defaults.
 * @throws UsageError for one that is not a whole number from 0 on
 */
export function rotationTimes({ leadSeconds = 0, overlapSeconds = OVERLAP_SECONDS }: RotationOptions): {
  readonly leadSeconds: number;
  readonly overlapSeconds: number;
} {
  for (const [name, value] of Object.entries({ leadSeconds, overlapSeconds })) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new UsageError(`"${name}" must be a whole number of seconds, 0 or more, not "${value}"`);
  }
  return { leadSeconds, overlapSeconds };
}
