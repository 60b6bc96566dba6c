import { VaultproofError } from '../errors/index.js';
import type { Entry } from './read-entry.js';

/** How a test passes over what is not supported. */
const IGNORE_OPTION = /, or pass it over with ignore: \['.*'(?:, \.\.\.)?\]$/;

/** A server's words for keys that it could not fetch when it was configured. */
const NO_KEYS = /error checking (?:jwks|oidc ?discovery)|error creating provider|fetching keys/i;

const NO_KEYS_HINTS: Readonly<Record<Entry['kind'], string>> = {
  app: 'always names this issuer: read JWKS_URL and BOUND_ISSUER from the environment where they are set; they name an issuer that is running',
  synthesised:
    "names the issuer that it was synthesised for, which is not running: pass the app's entry file instead, such as main.ts; it gets JWKS_URL and BOUND_ISSUER of a running issuer",
  terraform:
    "names an issuer that the servers can't reach: give a variable the one that is running, for example --var jwks_url=JWKS_URL",
};

/**
 * Adds to an error which option helps: where an entry names an issuer that can't be reached, as a vendor's without a network, or holds
 * what only Terraform can apply.
 * @param argument what the command line names
 * @param impersonated the URLs that are answered for
 * @returns any other error unchanged
 */
export function withEntryHint(
  argument: string,
  kind: Entry['kind'],
  error: unknown,
  impersonated: readonly string[] = [],
): unknown {
  if (!(error instanceof VaultproofError)) return error;
  const hint = hintOf(argument, kind, error, impersonated);
  if (hint === undefined) return error;
  const { code, details } = error;
  // What a test gives instead.
  const message = error.message.replace(IGNORE_OPTION, '');
  return new VaultproofError(code, `${message}; ${hint}`, { details, cause: error });
}

function hintOf(
  argument: string,
  kind: Entry['kind'],
  { code, message, details }: VaultproofError,
  impersonated: readonly string[],
): string | undefined {
  const { host, url } = details;
  if (code === 'host_not_impersonated') return `answer for it with --impersonate https://${host}`;
  if (code === 'unsupported_resource' && kind === 'terraform') {
    const { ignore } = details;
    if (Array.isArray(ignore)) return `pass over what no login needs with --ignore '${ignore.join(',')}'`;
    return 'pass over what no login needs with --ignore and its type or address, such as --ignore "random_*"';
  }
  if (code === 'condition_failed') return `or pass it over with --ignore '${String(details['ignore'])}'`;
  if (code !== 'apply_failed' || !NO_KEYS.test(message)) return undefined;
  if (typeof url === 'string' && impersonated.includes(url)) {
    return `"${url}" is answered for, and its key set is not at the URL that "${argument}" names: correct that URL`;
  }
  const vendor = typeof url === 'string' ? `, or answer for it with --impersonate ${url}` : '';
  return `"${argument}" ${NO_KEYS_HINTS[kind]}${vendor}`;
}
