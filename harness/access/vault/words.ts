import { constraintsOf } from './constraints.js';
import type { VaultLoginRole } from './login.js';

/**
 * What a role asks of a token, in words, a line for each claim: `ref matches "refs/heads/*"`.
 *
 * @example
 * conditionsOf({ boundAudiences: ['vault'], userClaim: 'sub' }); // ['aud has "vault"', 'sub is a string']
 */
export function conditionsOf(role: VaultLoginRole): readonly string[] {
  return constraintsOf(role).map(({ claim, bound, values, isGlob }) => {
    if (bound === 'user_claim') return `${claim} is a string`;
    const one = values.length === 1;
    const shown = values.map((value) => JSON.stringify(value)).join(', ');
    const hasGlob = isGlob && values.some((value) => String(value).includes('*'));
    const verb = bound === 'bound_audiences' ? 'has' : hasGlob ? 'matches' : 'is';
    return values.length === 0 ? `${claim} is nothing` : `${claim} ${verb} ${one ? '' : 'one of '}${shown}`;
  });
}
