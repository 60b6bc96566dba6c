import type { Membership } from '../identities.js';
import { constraintsOf } from './constraints.js';
import type { VaultLoginRole } from './login-role.js';

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
  const all = constraintsOf(role);
  /** A bound on the same claim says already that it is a string. */
  const isBound = (location: readonly string[]): boolean =>
    all.some(
      ({ bound, location: other, values }) =>
        (bound === 'bound_claims' || bound === 'bound_subject') &&
        `${other}` === `${location}` &&
        values.some((value) => typeof value === 'string'),
    );
  /** One name of a list, of which groups ask for others. */
  const isOneOfList = (location: readonly string[]): boolean =>
    memberships.some((one) => one.of === 'groups' && `${one.location}` === `${location}`);
  const bounds = all.flatMap(({ claim, location, bound, values, isGlob }) => {
    // Every provider says it.
    if (bound === 'id_token') return [];
    if (bound === 'user_claim') return isEntity || isBound(location) ? [] : [`${claim} is a string`];
    const one = values.length === 1;
    const shown = values.map((value) => JSON.stringify(value)).join(', ');
    const hasGlob = isGlob && values.some((value) => String(value).includes('*'));
    const isList = bound === 'bound_audiences' || isOneOfList(location);
    const verb = hasGlob ? (isList ? 'has a value that matches' : 'matches') : isList ? 'has' : 'is';
    return [values.length === 0 ? `${claim} is nothing` : `${claim} ${verb} ${one ? '' : 'one of '}${shown}`];
  });
  const said = (verbs: Readonly<Record<Membership['of'], string>>) => (one: Membership) =>
    `${one.claim} ${verbs[one.of]} ${JSON.stringify(one.name)}`;
  const { tokenBoundCidrs: from = [], oidcClient: { discoveryUrl } = {} } = role;
  const isByProvider = role.flow === 'oidc' && discoveryUrl !== undefined;
  const conditions = [
    ...(isByProvider ? [`iss is ${JSON.stringify(discoveryUrl)}`] : []),
    ...bounds,
    ...memberships.map(said({ entities: 'is', groups: 'has' })),
    ...not.map(said({ entities: 'is not', groups: 'does not have' })),
    ...(from.length === 0 ? [] : [`from ${from.join(', ')}`]),
  ];
  return [...new Set(conditions)];
}
