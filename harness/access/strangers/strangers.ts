import { type ErrorCode, UsageError } from '../../../errors/index.js';
import { isRecord } from '../../../internal/json.js';
import type { TokenClaims } from '../../../issuer/index.js';
import { claimAt } from '../../login/token-claims.js';
import { type ConsulLogin, wouldLogInToConsul } from '../consul/login.js';
import { findWord, has } from '../languages.js';
import { type ClaimConstraint, constraintsOf, locationOf, withoutValue, withValue } from '../vault/constraints.js';
import { type Claims, type LoginRefusal, type VaultLoginRole, wouldLogIn } from '../vault/login.js';

/** A token that must stay out, and why. */
export interface Stranger {
  /** In words: `another repository_id`, `no ref`. */
  readonly who: string;
  /** All claims of the token, to be signed; null for an `iss` or `aud` that it must not have. */
  readonly claims: TokenClaims;
  /** The check that must refuse it. */
  readonly code: ErrorCode;
  /** The claim that fails it; undefined where no claim is named. */
  readonly claim?: string | undefined;
}

/** How a token differs from a good one. */
interface Change {
  readonly who: string;
  readonly claims: Claims;
}

/**
 * Tokens that differ from a good one in one bound alone, for each bound of a role or of a Consul login: one with another value, one without
 * the claim, and where a `*` continues a name one that the glob lets in by accident. Each must be refused for that bound, so that a test with
 * all of them fails when a bound is missing or too wide.
 * @param role with the auth method's `boundIssuer`, as a `VaultJwtRole` with its backend has them; or a Consul login
 * @param goodToken the claims of a token that gets in
 * @throws UsageError for a token that does not get in
 * @see https://developer.hashicorp.com/vault/docs/auth/jwt#bound-claims
 * @example
 * test.for(strangers({ ...backend, ...role }, token))('$who stays out', async ({ claims, code, claim }, { fileEnv }) => {
 *   await expect(fileEnv.vault).toRefuse(await fileEnv.issuer.sign(claims), { code, claim });
 * });
 */
export function strangers(role: VaultLoginRole | ConsulLogin, goodToken: TokenClaims): readonly Stranger[] {
  return 'config' in role ? consulStrangers(role, goodToken) : vaultStrangers(role, goodToken);
}

function vaultStrangers(role: VaultLoginRole, good: TokenClaims): readonly Stranger[] {
  const verdict = wouldLogIn(role, good);
  if (!verdict.in) throw notGood(verdict.refusals[0]);
  return constraintsOf(role).flatMap((constraint) => {
    const found = changesOf(constraint, good).flatMap(({ who, claims }): Stranger[] => {
      const refused = wouldLogIn(role, signed(claims));
      if (refused.in || refused.refusals.length > 1) return [];
      const [{ code, claim }] = refused.refusals;
      return [stranger({ who, claims }, { code, claim })];
    });
    return [...found, ...accidentsOf(constraint, role, good)];
  });
}

/** A change leaves `sub` in, and puts nothing but strings into the registered claims, or null for none. */
function stranger({ who, claims }: Change, { code, claim }: LoginRefusal): Stranger {
  return { who, claims: claims as TokenClaims, code, claim };
}

function changesOf({ claim, location, bound, language }: ClaimConstraint, good: TokenClaims): Change[] {
  // An issuer signs no token without a subject.
  const without = claim === 'sub' ? [] : [{ who: `no ${claim}`, claims: leftOut(good, location) }];
  // Any user may log in: the user claim has to be there.
  if (bound === 'user_claim') return without;
  const now = claimAt(good, claim, { pointers: location.length > 1 || claim.startsWith('/') });
  const text = typeof now === 'string' ? now : undefined;
  const near = [`${text}-x`, `x-${text}`].find((value) => text !== undefined && text !== '' && !has(language, value));
  const other = near ?? findWord({ notIn: [language] });
  const differing = other === undefined ? [] : [{ who: `another ${claim}`, claims: withValue(good, location, other) }];
  return [...differing, ...without];
}

/** An issuer signs `iss` and `aud` of its own into a token without them; null leaves them out. */
function leftOut(good: TokenClaims, location: readonly string[]): Claims {
  const [name = '', ...below] = location;
  const isOwn = below.length === 0 && (name === 'iss' || name === 'aud');
  return isOwn ? { ...good, [name]: null } : withoutValue(good, location);
}

/** A `*` that stands behind a part of a name also lets in every longer name. */
function accidentsOf(
  { claim, location, values, isGlob, bound }: ClaimConstraint,
  role: VaultLoginRole,
  good: TokenClaims,
) {
  if (!isGlob || bound !== 'bound_claims') return [];
  return values.flatMap((value): Stranger[] => {
    const text = String(value);
    const index = text.search(/(?<=[^/:*])\*/);
    if (index === -1) return [];
    const longer = `${text.slice(0, index)}-x/${text.slice(index + 1).replaceAll('*', 'x')}`;
    const claims = withValue(good, location, longer);
    if (!wouldLogIn(role, claims).in) return [];
    const who = `a ${claim} that "${text}" lets in by accident`;
    return [stranger({ who, claims }, { code: 'claim_mismatch', claim })];
  });
}

/** The claims as they are signed. */
export function signed(claims: Claims): Claims {
  return Object.fromEntries(
    Object.entries(claims).filter(([name, value]) => value !== null || !/^(?:iss|aud)$/.test(name)),
  );
}

function consulStrangers(login: ConsulLogin, good: TokenClaims): readonly Stranger[] {
  const verdict = wouldLogInToConsul(login, good);
  if (!verdict.in) throw notGood(verdict.refusals[0]);
  const mapped = ['ClaimMappings', 'ListClaimMappings'].flatMap((name) => {
    const mappings = login.config[name];
    return isRecord(mappings) ? Object.keys(mappings) : [];
  });
  return ['iss', 'aud', ...mapped].flatMap((claim) => {
    const location = locationOf(claim);
    const now = claimAt(good, claim);
    const changes: Change[] = [
      { who: `another ${claim}`, claims: withValue(good, location, typeof now === 'string' ? `${now}-x` : 'x') },
      ...(claim === 'sub' ? [] : [{ who: `no ${claim}`, claims: leftOut(good, location) }]),
    ];
    return changes.flatMap(({ who, claims }): Stranger[] => {
      const refused = wouldLogInToConsul(login, signed(claims));
      if (refused.in || refused.undecided.length > 0) return [];
      const [{ code, claim: named }] = refused.refusals;
      return [stranger({ who, claims }, { code, claim: named })];
    });
  });
}

function notGood({ code, claim }: LoginRefusal): UsageError {
  const about = claim === undefined ? '' : ` for "${claim}"`;
  return new UsageError(`the good token is refused with "${code}"${about}: pass the claims of a token that gets in`);
}
