import { type Block, isKnown, isSet, textsOf } from '../document/document.js';
import { flowOf, jwtRoles, saysNotWho } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A role that binds nothing of the token but its issuer and its audience, which anyone who asks for a token chooses. */
export const audienceOnly: Rule = {
  code: 'audience-only',
  severity: 'error',
  check: (document) =>
    jwtRoles(document)
      .filter(({ bounds, boundsAreKnown }) => boundsAreKnown && bounds.every(saysNotWho))
      // In the OIDC flow people log in themselves, and their groups decide.
      .filter((role) => flowOf(role) === 'jwt')
      .filter(({ block }) => !leavesItToGroups(block))
      .map(({ block }) => ({
        block,
        attribute: 'bound_audiences',
        found: block.attributes['bound_audiences'],
        reason: 'any subject can log in with a token of this issuer for this audience',
        fix: 'restrict who may log in with bound_subject or bound_claims',
      })),
};

/** Whether a role itself grants nothing, so that the groups of a token decide; true where its policies are not known. */
function leavesItToGroups(role: Block): boolean {
  return (
    isSet(role, 'groups_claim') && textsOf(role, 'token_policies').every((name) => name === 'default' || !isKnown(name))
  );
}
