import { UsageError } from '../../../errors/index.js';
import type { TokenClaims } from '../../../issuer/index.js';
import { claimAt } from '../../login/token-claims.js';
import type { ConsulLogin } from '../consul/login.js';
import { findWord, has } from '../languages.js';
import { type ClaimConstraint, constraintsOf, isAnyString, withValue } from '../vault/constraints.js';
import { wouldLogIn } from '../vault/login.js';
import type { VaultLoginRole } from '../vault/login-role.js';
import { type ConsulLoginProps, consulLoginOf, isOfConsul } from './consul-login.js';
import { consulStrangers } from './consul-strangers.js';
import { type Change, leftOut, notGood, type Stranger, signed, stranger } from './stranger.js';

/**
 * Tokens that differ from a good one in one bound alone, for each bound of a role or of a Consul login: one with another value, one without
 * the claim, and where a `*` continues a name one that the glob lets in by accident. Each must be refused for that bound, so that a test with
 * all of them fails when a bound is missing or too wide.
 * @param role with the auth method's `boundIssuer`, as a `VaultJwtRole` with its backend has them, or the `bounds` of a login that
 * `readAccess()` found; or a Consul login, by Consul's names or as the props of a `ConsulJwtStack`
 * @param goodToken the claims of a token that gets in; of a preset, `github({ ... })(issuer)`
 * @throws UsageError for a token that does not get in, for a preset without an issuer, and for the props of a `VaultJwtStack`, which have several roles
 * @see https://developer.hashicorp.com/vault/docs/auth/jwt#bound-claims
 * @example
 * test.for(strangers({ ...backend, ...role }, token))('$who stays out', async ({ claims, code, claim }, { fileEnv }) => {
 *   await expect(fileEnv.vault).toRefuse(await fileEnv.issuer.sign(claims), { code, claim });
 * });
 */
export function strangers(
  role: VaultLoginRole | ConsulLogin | ConsulLoginProps,
  goodToken: TokenClaims,
): readonly Stranger[] {
  if (typeof goodToken === 'function') {
    throw new UsageError('the good token is what a preset returned: pass its claims, github({ ... })(issuer)');
  }
  return isOfConsul(role) ? consulStrangers(consulLoginOf(role), goodToken) : vaultStrangers(role, goodToken);
}

function vaultStrangers(role: VaultLoginRole, good: TokenClaims): readonly Stranger[] {
  const verdict = wouldLogIn(role, good);
  if (!verdict.in) throw notGood(verdict.refusals[0]);
  const all = constraintsOf(role).flatMap((constraint) => {
    const found = changesOf(constraint, good).flatMap(({ who, claims }): Stranger[] => {
      const refused = wouldLogIn(role, signed(claims));
      if (refused.in || refused.refusals.length > 1) return [];
      const [{ code, claim }] = refused.refusals;
      return [stranger({ who, claims }, { code, claim })];
    });
    return [...found, ...accidentsOf(constraint, role, good)];
  });
  // Without a user claim that is bound, too, a token lacks both.
  return [...new Map(all.map((one) => [one.who, one])).values()];
}

function changesOf(constraint: ClaimConstraint, good: TokenClaims): Change[] {
  const { claim, location, language } = constraint;
  // An issuer signs no token without a subject.
  const without = claim === 'sub' ? [] : [{ who: `no ${claim}`, claims: leftOut(good, location) }];
  // Any user may log in: the user claim has to be there.
  if (isAnyString(constraint)) return without;
  const now = claimAt(good, claim, { pointers: location.length > 1 || claim.startsWith('/') });
  const text = typeof now === 'string' ? now : undefined;
  const near = [`${text}-x`, `x-${text}`].find((value) => text !== undefined && text !== '' && !has(language, value));
  const other = near ?? findWord({ notIn: [language] });
  const differing = other === undefined ? [] : [{ who: `another ${claim}`, claims: withValue(good, location, other) }];
  return [...differing, ...without];
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
