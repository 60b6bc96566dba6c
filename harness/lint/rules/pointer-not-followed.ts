import { isUnknown, textOf } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A `user_claim` that is a JSON pointer, which Vault takes for a claim's name unless it is told. */
export const pointerNotFollowed: Rule = {
  code: 'pointer-not-followed',
  severity: 'error',
  check: (document) =>
    jwtRoles(document)
      .filter(({ block }) => textOf(block, 'user_claim')?.startsWith('/') === true)
      .filter(({ block }) => !isUnknown(block, 'user_claim_json_pointer'))
      .filter(({ block }) => textOf(block, 'user_claim_json_pointer') !== 'true')
      .map(({ block }) => ({
        block,
        attribute: 'user_claim',
        found: textOf(block, 'user_claim'),
        reason:
          'Vault takes it for the name of a claim, not for a JSON pointer: no token has such a claim, and every login is refused',
        fix: 'set user_claim_json_pointer to true',
      })),
};
