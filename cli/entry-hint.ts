import { VaultproofError } from '../errors/index.js';
import type { Entry } from './read-entry.js';

/** A server's words for keys that it could not fetch when it was configured. */
const NO_KEYS = /error checking (?:jwks|oidc ?discovery)|error creating provider|fetching keys/i;

const HINTS: Readonly<Record<Entry['kind'], string>> = {
  app: 'always names this issuer: read JWKS_URL and BOUND_ISSUER from the environment where they are set; they name an issuer that is running',
  synthesised:
    "names the issuer that it was synthesised for, which is not running: pass the app's entry file instead, such as main.ts; it gets JWKS_URL and BOUND_ISSUER of a running issuer",
  terraform:
    "names an issuer that the servers can't reach: give a variable the one that is running, for example --var jwks_url=JWKS_URL, or answer for a vendor with --impersonate",
};

/**
 * Adds to an error what to do where an entry names an issuer that can't be reached, as a vendor's without a network.
 * @param argument what the command line names
 * @returns any other error unchanged
 */
export function withEntryHint(argument: string, kind: Entry['kind'], error: unknown): unknown {
  if (!(error instanceof VaultproofError) || error.code !== 'apply_failed') return error;
  if (!NO_KEYS.test(error.message)) return error;
  return new VaultproofError(error.code, `${error.message}; "${argument}" ${HINTS[kind]}`, {
    details: error.details,
    cause: error,
  });
}
