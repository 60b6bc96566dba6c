import { VaultproofError } from '../errors/index.js';

/** A server's words for keys that it could not fetch when it was configured. */
const NO_KEYS = /error checking (?:jwks|oidc ?discovery)|error creating provider|fetching keys/i;

/**
 * Adds to an error what to do where an entry names an issuer that can't be reached, as a vendor's without a network: an
 * app is told of one that runs.
 * @param argument what the command line names
 * @returns any other error unchanged
 */
export function withEntryHint(argument: string, isApp: boolean, error: unknown): unknown {
  if (!(error instanceof VaultproofError) || error.code !== 'apply_failed') return error;
  if (!NO_KEYS.test(error.message)) return error;
  const hint = isApp
    ? `"${argument}" always names this issuer: read JWKS_URL and BOUND_ISSUER from the environment where they are set; they name an issuer that is running`
    : `"${argument}" names the issuer that it was synthesised for, which is not running: pass the app's entry file instead, such as main.ts; it gets JWKS_URL and BOUND_ISSUER of a running issuer`;
  return new VaultproofError(error.code, `${error.message}; ${hint}`, { details: error.details, cause: error });
}
