import { textOf } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import { stableClaim } from '../jwt/mutable-claims.js';
import type { Rule } from '../rule.js';

/** An identity named after something that can be renamed, or is not one identity. */
export const mutableUserClaim: Rule = {
  code: 'mutable-user-claim',
  severity: 'warning',
  check: (document) =>
    jwtRoles(document).flatMap(({ block }) => {
      const claim = textOf(block, 'user_claim');
      if (claim === undefined) return [];
      const stable = stableClaim(claim);
      if (stable === undefined) return [];
      return [
        {
          block,
          attribute: 'user_claim',
          found: claim,
          reason:
            'the identity is named after it: when the value changes, or someone else takes it over, the identity changes with it',
          fix: `use ${stable}`,
        },
      ];
    }),
};
