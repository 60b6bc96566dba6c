import { createHash, timingSafeEqual } from 'node:crypto';

/** The SHA-256 of a string in UTF-8: 32 bytes, whatever the length of the string. */
export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Whether a string has this {@link sha256} digest, in a time that tells nothing about the string that is expected. */
export function hasDigest(text: string, digest: Buffer): boolean {
  return timingSafeEqual(sha256(text), digest);
}
