import { textOf } from '../document/block.js';
import { jwtRoles, saysNotWho } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A role that binds nothing of the token but its issuer and its audience, which whoever asks for a token chooses. */
export const audienceOnly: Rule = {
  code: 'audience-only',
  severity: 'error',
  check: (document) =>
    jwtRoles(document)
      .filter(({ bounds, boundsAreKnown }) => boundsAreKnown && bounds.every(saysNotWho))
      // In the OIDC flow people log in themselves, and their groups decide.
      .filter(({ block }) => textOf(block, 'role_type') !== 'oidc')
      .map(({ block }) => ({
        block,
        attribute: 'bound_audiences',
        found: block.attributes['bound_audiences'],
        reason: 'every token that the issuer signs for this audience gets in, whoever asked for it',
        fix: 'bind who may log in, with bound_subject or bound_claims',
      })),
};
