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
