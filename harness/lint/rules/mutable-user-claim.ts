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
            'Vault tells identities apart by this claim, whose value can change and be taken over: then one subject becomes two, or another gets the identity of the first',
          fix: `set user_claim to a claim that stays: ${stable}`,
        },
      ];
    }),
};
