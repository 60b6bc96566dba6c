import { decodeJwt, decodeProtectedHeader } from 'jose';
import { isRecord } from '../servers/vault-api.js';
import { LoginRefusedError } from './login-refused-error.js';
import { type VaultRefusalPattern, vaultRefusalPatterns } from './vault-refusals.js';

/** What Vault holds a token against, as far as the caller may read it. */
export interface VaultLoginConfig {
  /** `auth/<mount>/config`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** `auth/<mount>/role/<role>`. */
  readonly role?: Readonly<Record<string, unknown>>;
  /** The kids of the key set that Vault verifies with; undefined where there is none or it could not be had. */
  readonly kids?: readonly (string | undefined)[];
}

/** A refused login, as Vault answered it. */
export interface RefusedVaultLogin {
  readonly jwt: string;
  readonly role: string | undefined;
  readonly status: number;
  readonly serverMessage: string;
}

/**
 * Names the check that a login failed, from Vault's words, the token's claims and what is known of the configuration.
 * Vault's word stays the verdict: nothing is verified again here.
 */
export function explainVaultRefusal(login: RefusedVaultLogin, known: VaultLoginConfig): LoginRefusedError {
  const { jwt, role, status, serverMessage } = login;
  const refused = (
    pattern: Pick<VaultRefusalPattern, 'code'>,
    sides: { expected?: unknown; found?: unknown } = {},
  ): LoginRefusedError => new LoginRefusedError({ code: pattern.code, ...sides, serverMessage, status, role });

  if (status === 403) {
    const cidrs = known.role?.['token_bound_cidrs'];
    const bound = Array.isArray(cidrs) && cidrs.length > 0;
    return bound ? refused({ code: 'address_not_allowed' }, { expected: cidrs }) : refused({ code: 'login_refused' });
  }
  const pattern = vaultRefusalPatterns.find(({ words }) => words.test(serverMessage));
  if (!pattern) return refused({ code: 'login_refused' });
  if (pattern.code === 'role_not_found') return refused(pattern, { found: role });

  const token = decode(jwt);
  if (pattern.code === 'signature_invalid' && token === undefined) return refused({ code: 'token_malformed' });
  if (pattern.code === 'signature_invalid' && known.kids !== undefined) {
    const kid = token?.header['kid'];
    if (!known.kids.some((candidate) => candidate === kid)) {
      return refused({ code: 'unknown_key' }, { expected: known.kids, found: kid ?? null });
    }
  }
  const claim = pattern.words.exec(serverMessage)?.groups?.['claim'];
  if (claim !== undefined) {
    const bound = known.role?.['bound_claims'];
    return refused(pattern, {
      expected: isRecord(bound) ? bound[claim] : undefined,
      found: token?.claims[claim],
    });
  }
  return refused(pattern, { expected: expectedOf(pattern, known), found: foundIn(pattern, token) });
}

function expectedOf({ expected }: VaultRefusalPattern, known: VaultLoginConfig): unknown {
  if (expected === undefined) return undefined;
  return expected.startsWith('config:') ? known.config?.[expected.slice('config:'.length)] : known.role?.[expected];
}

interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

function foundIn({ found }: VaultRefusalPattern, token: DecodedToken | undefined): unknown {
  if (found === undefined || token === undefined) return undefined;
  const value = found.startsWith('header:') ? token.header[found.slice('header:'.length)] : token.claims[found];
  // "Nothing" is what was found, and worth saying.
  return value ?? null;
}

function decode(jwt: string): DecodedToken | undefined {
  try {
    return { header: { ...decodeProtectedHeader(jwt) }, claims: decodeJwt(jwt) };
  } catch {
    return undefined;
  }
}
