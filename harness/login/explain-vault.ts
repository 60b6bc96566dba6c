import type { ErrorCode } from '../../errors/index.js';
import { isRecord } from '../api/vault-api.js';
import { claimAt, type DecodedToken, decodeToken } from './decoded-token.js';
import { LoginRefusedError } from './login-refused-error.js';
import { type VaultRefusalPattern, vaultRefusalPatterns } from './vault-refusals.js';

/** What Vault holds a token against, as far as the caller may read it. */
export interface VaultLoginConfig {
  /** `auth/<mount>/config`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** `auth/<mount>/role/<role>`. */
  readonly role?: Readonly<Record<string, unknown>>;
  /** The paths of the auth methods that take JWTs, without `auth/`. */
  readonly jwtMounts?: readonly string[];
  /** The kids of the key set that Vault verifies with; undefined where there is none or it could not be had. */
  readonly kids?: readonly (string | undefined)[];
}

/** A refused login, as Vault answered it. */
export interface RefusedVaultLogin {
  readonly jwt: string;
  readonly mount: string;
  readonly role: string | undefined;
  readonly status: number;
  readonly serverMessage: string;
}

/** Whether an answer says anything about the token: 400 and 403 do, and others whose words are known. */
export function isVerdict(status: number, serverMessage: string): boolean {
  return status === 400 || status === 403 || vaultRefusalPatterns.some(({ words }) => words.test(serverMessage));
}

/**
 * Names the check that a login failed, from Vault's words, the token's claims and what is known of the configuration.
 * Vault's word stays the verdict: nothing is verified again here.
 */
export function explainVaultRefusal(login: RefusedVaultLogin, known: VaultLoginConfig): LoginRefusedError {
  const { jwt, mount, role, status, serverMessage } = login;
  const refused = (
    pattern: Pick<VaultRefusalPattern, 'code'>,
    sides: { expected?: unknown; found?: unknown } = {},
  ): LoginRefusedError => new LoginRefusedError({ code: pattern.code, ...sides, serverMessage, status, role });

  if (status === 403) {
    // Vault says no more than "permission denied", so that nobody learns what is mounted.
    if (known.jwtMounts?.includes(mount) === false) {
      return refused({ code: 'method_not_found' }, { expected: known.jwtMounts, found: mount });
    }
    const cidrs = known.role?.['token_bound_cidrs'];
    const bound = Array.isArray(cidrs) && cidrs.length > 0;
    return bound ? refused({ code: 'address_not_allowed' }, { expected: cidrs }) : refused({ code: 'login_refused' });
  }
  const pattern = vaultRefusalPatterns.find(({ words }) => words.test(serverMessage));
  if (!pattern) return refused({ code: 'login_refused' });
  if (pattern.code === 'role_not_found') return refused(pattern, { found: role });
  if (pattern.code === 'role_type_mismatch') {
    return refused(pattern, { expected: 'jwt', found: known.role?.['role_type'] });
  }

  const token = decodeToken(jwt);
  if (token === undefined && (pattern.code === 'signature_invalid' || pattern.code === 'algorithm_not_allowed')) {
    return refused({ code: 'token_malformed' });
  }
  if (pattern.code === 'signature_invalid' && known.kids !== undefined) {
    const kid = token?.header['kid'];
    if (!known.kids.some((candidate) => candidate === kid)) {
      return refused({ code: 'unknown_key' }, { expected: known.kids, found: kid ?? null });
    }
  }
  const said = pattern.words.exec(serverMessage)?.groups;
  if (said?.['found'] !== undefined) return refused(pattern, { expected: said['expected'], found: said['found'] });
  const claim = said?.['claim'];
  if (claim !== undefined) {
    const bound = known.role?.['bound_claims'];
    return refused(pattern, {
      expected: isRecord(bound) ? bound[claim] : undefined,
      found: token && claimAt(token.claims, claim),
    });
  }
  return refused(pattern, { expected: expectedOf(pattern, known), found: foundIn(pattern, token) });
}

/** What a time had to be, in seconds since 1970; this host's clock stands for Vault's. */
const timeBound: Partial<Record<ErrorCode, (now: number, leeway: number) => object>> = {
  token_expired: (now, leeway) => ({ after: now - leeway }),
  token_not_yet_valid: (now, leeway) => ({ before: now + leeway }),
  token_issued_in_future: (now, leeway) => ({ before: now + leeway }),
};

/** A role's `clock_skew_leeway`: 0 stands for 60 s, anything below for none. */
function leewayOf(role: Readonly<Record<string, unknown>>): number {
  const leeway = Number(role['clock_skew_leeway'] ?? 0);
  return leeway === 0 ? 60 : Math.max(leeway, 0);
}

function expectedOf({ code, expected }: VaultRefusalPattern, known: VaultLoginConfig): unknown {
  const bound = timeBound[code];
  if (bound) return known.role && bound(Math.floor(Date.now() / 1000), leewayOf(known.role));
  if (expected === undefined) return undefined;
  if (!expected.startsWith('config:')) return known.role?.[expected];
  const value = known.config?.[expected.slice('config:'.length)];
  // An empty list of algorithms stands for all of them.
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}

function foundIn({ found }: VaultRefusalPattern, token: DecodedToken | undefined): unknown {
  if (found === undefined || token === undefined) return undefined;
  const values = found.map((name) =>
    name.startsWith('header:') ? token.header[name.slice('header:'.length)] : token.claims[name],
  );
  // "Nothing" is what was found, and worth saying.
  return values.find((value) => value !== undefined) ?? null;
}
