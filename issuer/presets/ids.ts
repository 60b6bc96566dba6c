import { createHash } from 'node:crypto';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** An id of 18 digits, always the same for the same names, as it fits a signed 64-bit number. */
export function numericId(kind: string, ...names: readonly string[]): string {
  const number = BigInt(`0x${digest(kind, names).toString('hex', 0, 16)}`);
  return String(10n ** 17n + (number % (9n * 10n ** 17n)));
}

/** An id of 16 letters and digits behind a prefix, always the same for the same names. */
export function prefixedId(prefix: string, ...names: readonly string[]): string {
  const bytes = digest(prefix, names).subarray(0, 16);
  return `${prefix}-${[...bytes].map((byte) => BASE62[byte % BASE62.length]).join('')}`;
}

/** A UUID, always the same for the same names (RFC 9562, version 8). */
export function uuidOf(kind: string, ...names: readonly string[]): string {
  const hex = digest(kind, names).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What looks like the SHA of a commit, always the same for the same names. */
export function commitOf(...names: readonly string[]): string {
  return digest('commit', names).toString('hex', 0, 20);
}

function digest(kind: string, names: readonly string[]): Buffer {
  // As JSON, so that ["a", "b/c"] is not ["a/b", "c"].
  return createHash('sha256')
    .update(JSON.stringify([kind, ...names]))
    .digest();
}
