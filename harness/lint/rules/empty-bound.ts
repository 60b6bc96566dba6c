import { jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A bound claim without text, which is mostly a value that somebody forgot to give. */
export const emptyBound: Rule = {
  code: 'empty-bound',
  severity: 'warning',
  check: (document) =>
    jwtRoles(document).flatMap(({ block, bounds }) =>
      bounds
        .filter(({ values }) => values.includes(''))
        .map(({ claim, written }) => ({
          block,
          attribute: `bound_claims.${claim}`,
          found: written,
          reason:
            'it accepts only a token whose claim is an empty string, not one without the claim or with another value',
          fix: 'write the value, leave the claim out, or allow this if an empty value is intended',
        })),
    ),
};
