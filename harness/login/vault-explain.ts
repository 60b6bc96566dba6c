import type { ErrorCode } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { LoginRefusedError, type Refusal } from './login-refused-error.js';
import { oidcRefusalPatterns, withoutOidcPrefix } from './oidc-refusals.js';
import { unmetBounds } from './role-bounds.js';
import { timeCheck } from './time-check.js';
import { claimAt, mistypedClaim, type ReadToken, registeredClaim, unquoted, vaultReading } from './token-claims.js';
import { type VaultRefusalPattern, vaultRefusalPatterns } from './vault-refusals.js';
import { signatureCause } from './verification-keys.js';

type Fields = Readonly<Record<string, unknown>>;

/** What Vault holds a token against, as far as the caller may read it. */
export interface VaultLoginConfig {
  /** `auth/<mount>/config`. */
  readonly config?: Fields | undefined;
  /** `auth/<mount>/role/<role>`. */
  readonly role?: Fields | undefined;
  /** The names of the roles that there are, where the role is not one of them. */
  readonly roles?: readonly string[] | undefined;
  /** The types of the auth methods, such as `jwt`, by their paths without `auth/`. */
  readonly methods?: Readonly<Record<string, string>> | undefined;
  /** The kids of the key set that Vault verifies with; undefined where there is none or it could not be had. */
  readonly kids?: readonly (string | undefined)[] | undefined;
  /** The alias of the token, by the user claim, where its entity is disabled. */
  readonly disabled?: { readonly claim: string; readonly alias: string } | undefined;
  /** What Vault's clock said when it refused, in seconds since 1970; undefined where that is not known. */
  readonly now?: number | undefined;
}

/** A refused login, as Vault answered it. */
export interface RefusedVaultLogin {
  /** What the token says; undefined for what is no JWT. */
  readonly token: ReadToken | undefined;
  readonly mount: string;
  /** Default the root namespace. */
  readonly namespace?: string;
  readonly role: string | undefined;
  readonly status: number;
  readonly serverMessage: string;
}

/** What is said of a refusal besides the server's answer. */
type Explanation = Pick<Refusal, 'code' | 'claim' | 'expected' | 'found' | 'note'>;

/** Whether an answer says anything about the token: 400 and 403 do, and others whose words are known. */
export function isVaultRefusal(status: number, serverMessage: string): boolean {
  return status === 400 || status === 403 || patternOf(serverMessage) !== undefined;
}

const patterns = [...vaultRefusalPatterns, ...oidcRefusalPatterns];

function patternOf(serverMessage: string): VaultRefusalPattern | undefined {
  const message = withoutOidcPrefix(serverMessage);
  return patterns.find(({ words }) => words.test(message));
}

/**
 * The refusal of a login at a method of another type, which has words and statuses of its own.
 * @returns undefined where the method is for JWTs, or it is not known what it is
 */
export function refusalByOtherMethod(
  login: RefusedVaultLogin,
  { methods }: VaultLoginConfig,
): LoginRefusedError | undefined {
  const { mount, role, status, serverMessage } = login;
  const type = methods !== undefined && Object.hasOwn(methods, mount) ? methods[mount] : undefined;
  if (type === undefined || type === 'jwt' || type === 'oidc') return undefined;
  const code = 'method_type_mismatch';
  return new LoginRefusedError({ code, expected: 'jwt', found: type, serverMessage, status, role });
}

/**
 * Names the check that a login failed, from Vault's words, the token's claims and what is known of the configuration.
 * Vault's word stays the verdict: nothing is verified again here.
 */
export function explainVaultRefusal(login: RefusedVaultLogin, known: VaultLoginConfig): LoginRefusedError {
  const { token, role, status, serverMessage } = login;
  const byOther = refusalByOtherMethod(login, known);
  if (byOther !== undefined) return byOther;
  const explanation =
    absentMethod(login, known) ?? (status === 403 ? denied(login, known) : explained(login, known, token));
  const claims =
    isAboutBounds(explanation.code) && token && known.role && unmetBounds(token, known.config ?? {}, known.role);
  return new LoginRefusedError({
    ...explanation,
    ...(claims ? { claims } : {}),
    serverMessage,
    status,
    role,
  });
}

/** A method that is not there is denied like anything else. */
function absentMethod({ mount, status }: RefusedVaultLogin, { methods }: VaultLoginConfig): Explanation | undefined {
  if (status !== 403 || methods === undefined || Object.hasOwn(methods, mount)) return undefined;
  const jwtMounts = Object.keys(methods).filter((path) => methods[path] === 'jwt' || methods[path] === 'oidc');
  const bare = mount.replace(/^auth\//, '');
  const note = jwtMounts.includes(bare) ? `name the mount without "auth/": "${bare}"` : undefined;
  return { code: 'method_not_found', expected: jwtMounts, found: mount, note };
}

/** Vault says no more than "permission denied", so that nobody learns what is mounted. */
function denied(
  { mount, serverMessage }: RefusedVaultLogin,
  { role, methods, disabled }: VaultLoginConfig,
): Explanation {
  if (disabled !== undefined) return { code: 'entity_disabled', claim: disabled.claim, found: disabled.alias };
  const cidrs = role?.['token_bound_cidrs'];
  if (!Array.isArray(cidrs) || cidrs.length === 0) {
    const mayBeAbsent = methods === undefined && role === undefined && serverMessage === 'permission denied';
    const note = `a server says this also where no auth method is mounted at "${mount}": check the mount and the namespace`;
    return { code: 'login_refused', ...(mayBeAbsent && { note }) };
  }
  return { code: 'address_not_allowed', expected: cidrs };
}

function explained(
  { role, namespace, serverMessage }: RefusedVaultLogin,
  known: VaultLoginConfig,
  token: ReadToken | undefined,
): Explanation {
  const pattern = patternOf(serverMessage);
  if (pattern === undefined) return { code: 'login_refused' };
  const { code } = pattern;
  const said = pattern.words.exec(withoutOidcPrefix(serverMessage))?.groups ?? {};
  switch (code) {
    case 'method_not_found':
      return { code, ...(namespace && { note: `it was looked for in the namespace "${namespace}"` }) };
    case 'role_not_found':
      return { code, expected: known.roles, found: role };
    case 'role_type_mismatch':
      return { code, expected: 'jwt', found: known.role?.['role_type'] };
    case 'method_type_mismatch':
      if (serverMessage.startsWith('OIDC')) {
        const note = 'its configuration has no "oidc_client_id": set it with its secret, or log in with a JWT';
        return { code, expected: 'a method for browser logins', found: 'a method for JWTs', note };
      }
      return {
        code,
        expected: 'a method for JWTs',
        found: 'a method for browser logins',
        note: 'its configuration has "oidc_client_id": remove it, or mount a second method for JWTs',
      };
    case 'algorithm_not_allowed': {
      if (token === undefined) return { code: 'token_malformed' };
      const found = said['found'] ?? token.header['alg'] ?? null;
      return { code, expected: algorithmsOf(known, said['allowed']), found };
    }
    case 'signature_invalid':
      return isOfOidc(token) ? { code } : signatureCause(token, keysOf(known), vaultReading);
    case 'sign_in_too_old':
      return { code, claim: 'auth_time', ...signInTime(known, token) };
    case 'token_malformed':
      return malformed(serverMessage, said, token);
    default:
      return aboutClaim(pattern, said, known, token);
  }
}

/** What Vault allows besides a role's `max_age`, in seconds. */
const MAX_AGE_LEEWAY = 60;

function signInTime({ role, now }: VaultLoginConfig, token: ReadToken | undefined): Partial<Explanation> {
  const maxAge = Number(role?.['max_age']);
  const isKnown = now !== undefined && maxAge > 0;
  return {
    found: token?.claims['auth_time'],
    ...(isKnown && {
      expected: { after: now - maxAge - MAX_AGE_LEEWAY },
      note: `"max_age" is ${maxAge} seconds, and ${MAX_AGE_LEEWAY} more are allowed`,
    }),
  };
}

/** Of the OIDC flow, claims are known and no token. */
function isOfOidc(token: ReadToken | undefined): boolean {
  return token !== undefined && token.signatureBytes === undefined;
}

/** A list that is empty stands for all algorithms, which Vault's words may name. */
function algorithmsOf({ config }: VaultLoginConfig, said: string | undefined): unknown {
  const configured = config?.['jwt_supported_algs'];
  return Array.isArray(configured) && configured.length > 0 ? configured : (said?.match(/[^\s",]+/g) ?? undefined);
}

function keysOf({ config, kids }: VaultLoginConfig): Parameters<typeof signatureCause>[1] {
  const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  const pems = strings(config?.['jwt_validation_pubkeys']);
  return { kids, pems: pems.length > 0 ? pems : undefined, algorithms: strings(config?.['jwt_supported_algs']) };
}

function malformed(
  serverMessage: string,
  { expected, found }: Readonly<Record<string, string>>,
  token: ReadToken | undefined,
): Explanation {
  if (found !== undefined && expected !== undefined) {
    return { code: 'token_malformed', expected: unquoted(expected), found: unquoted(found) };
  }
  const aboutClaims = !serverMessage.includes('error verifying token signature: ');
  const mistyped = token && aboutClaims ? mistypedClaim(token, vaultReading, serverMessage) : undefined;
  return mistyped ? { code: 'claim_type_mismatch', ...mistyped } : { code: 'token_malformed' };
}

function aboutClaim(
  pattern: VaultRefusalPattern,
  said: Readonly<Record<string, string>>,
  known: VaultLoginConfig,
  token: ReadToken | undefined,
): Explanation {
  const { code } = pattern;
  const leeways = known.role && {
    clockSkew: Number(known.role['clock_skew_leeway'] ?? 0),
    expiration: Number(known.role['expiration_leeway'] ?? 0),
    notBefore: Number(known.role['not_before_leeway'] ?? 0),
  };
  // The OIDC flow has leeways of its own.
  const times = token && !isOfOidc(token) && timeCheck(code, token, vaultReading, leeways, known.now);
  if (times) return { code, ...times };
  if (pattern.claim !== undefined) {
    const seen = token && registeredClaim(token, pattern.claim, vaultReading);
    return {
      code,
      claim: seen?.name ?? pattern.claim,
      expected: expectedOf(pattern, known),
      found: seen?.value,
      note: seen?.note,
    };
  }
  const claim = claimOf(pattern, said, known, token);
  if (claim === undefined) return { code };
  return { code, claim, ...sidesOf(claim, code, known, token) };
}

function expectedOf({ expected }: VaultRefusalPattern, { config, role }: VaultLoginConfig): unknown {
  if (expected === undefined) return undefined;
  return expected.startsWith('config:') ? config?.[expected.slice('config:'.length)] : role?.[expected];
}

/** The claim that Vault's words are about: it names most, and of others only the value. */
function claimOf(
  { claimField, code }: VaultRefusalPattern,
  { claim, rawClaim }: Readonly<Record<string, string>>,
  { role }: VaultLoginConfig,
  token: ReadToken | undefined,
): string | undefined {
  if (claim !== undefined) return unquoted(claim);
  if (rawClaim !== undefined) return rawClaim;
  if (claimField !== undefined) return typeof role?.[claimField] === 'string' ? role[claimField] : undefined;
  const bound = isRecord(role?.['bound_claims']) ? Object.keys(role['bound_claims']) : [];
  return code === 'claim_type_mismatch' && token
    ? bound.find((name) => isRecord(claimAt(token.claims, name)))
    : undefined;
}

/** Both sides of a claim that a role names: the user's, the groups', one that is bound, one that is mapped. */
function sidesOf(
  claim: string,
  code: ErrorCode,
  { role }: VaultLoginConfig,
  token: ReadToken | undefined,
): Omit<Explanation, 'code' | 'claim'> {
  const bound = isRecord(role?.['bound_claims']) ? role['bound_claims'] : {};
  const isUser = role?.['user_claim'] === claim && !Object.hasOwn(bound, claim);
  const pointers = !(isUser && role?.['user_claim_json_pointer'] !== true);
  const found = token && (claimAt(token.claims, claim, { pointers }) ?? null);
  if (code === 'claim_missing' && found === '') return { found, note: 'the user claim must not be empty' };
  const expected = Object.hasOwn(bound, claim) ? bound[claim] : undefined;
  if (!pointers && claim.startsWith('/') && found === null) {
    const note = `no claim has the name ${JSON.stringify(claim)}: set "user_claim_json_pointer" to use it as a JSON pointer`;
    return { expected, found, note };
  }
  return { expected, found };
}

/** The checks of which several can fail at once. */
function isAboutBounds(code: ErrorCode): boolean {
  return ['issuer_mismatch', 'subject_mismatch', 'audience_mismatch', 'claim_missing', 'claim_mismatch'].includes(code);
}
