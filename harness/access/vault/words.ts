import type { Membership } from '../identities.js';
import { constraintsOf } from './constraints.js';
import type { VaultLoginRole } from './login.js';

/**
 * What a role asks of a token, in words, a line for each claim: `ref matches "refs/heads/*"`.
 * @param memberships what the token must be: an entity, in groups
 * @param not what it must not be
 *
 * @example
 * conditionsOf({ boundAudiences: ['vault'], userClaim: 'sub' }); // ['aud has "vault"', 'sub is a string']
 */
export function conditionsOf(
  role: VaultLoginRole,
  memberships: readonly Membership[] = [],
  not: readonly Membership[] = [],
): readonly string[] {
  const isEntity = memberships.some(({ of }) => of === 'entities');
  const bounds = constraintsOf(role).flatMap(({ claim, bound, values, isGlob }) => {
    if (bound === 'user_claim') return isEntity ? [] : [`${claim} is a string`];
    const one = values.length === 1;
    const shown = values.map((value) => JSON.stringify(value)).join(', ');
    const hasGlob = isGlob && values.some((value) => String(value).includes('*'));
    const verb = bound === 'bound_audiences' ? 'has' : hasGlob ? 'matches' : 'is';
    return [values.length === 0 ? `${claim} is nothing` : `${claim} ${verb} ${one ? '' : 'one of '}${shown}`];
  });
  const said = (verbs: Readonly<Record<Membership['of'], string>>) => (one: Membership) =>
    `${one.claim} ${verbs[one.of]} ${JSON.stringify(one.name)}`;
  const { tokenBoundCidrs: from = [] } = role;
  return [
    ...bounds,
    ...memberships.map(said({ entities: 'is', groups: 'has' })),
    ...not.map(said({ entities: 'is not', groups: 'does not have' })),
    ...(from.length === 0 ? [] : [`from ${from.join(', ')}`]),
  ];
}
