import { createHash } from 'node:crypto';
import { UsageError } from '../../errors/index.js';
import { type KnownOptions, refuseUnknownOptions } from '../../internal/known-options.js';

/** Every option of a preset, and whether it has to be given. */
export type PresetOptions<Options> = {
  readonly [Name in keyof Options]-?: object extends Pick<Options, Name> ? 'optional' : 'required';
};

/**
 * Refuses an option that a preset does not know, whose claim would not be in the token, and options without one that is needed.
 * @param preset as it is called
 * @throws UsageError
 */
export function checkOptions<Options extends object>(
  preset: string,
  options: Options,
  known: PresetOptions<Options>,
): void {
  const names = Object.keys(known) as (keyof Options & string)[];
  const all = Object.fromEntries(names.map((name) => [name, true])) as KnownOptions<Options>;
  refuseUnknownOptions(preset, options, all);
  const missing = names.find((name) => known[name] === 'required' && options[name] === undefined);
  if (missing !== undefined) throw new UsageError(`"${missing}" of ${preset} is missing: give it`);
}

/** Where a vendor publishes the keys of its issuers. */
export interface VendorKeys {
  /** Whether an issuer's URL is this vendor's. */
  readonly isIssuer: (issuer: URL) => boolean;
  /**
   * The `jwks_uri` of its discovery document.
   * @param issuer its URL, without a slash at the end
   */
  readonly jwksUri: (issuer: string) => string;
}

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
