import { UNKNOWN } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A bound claim with a comma, which the provider makes a list of: each part alone lets in. */
export const commaSplit: Rule = {
  code: 'comma-split',
  severity: 'warning',
  check: (document) =>
    jwtRoles(document).flatMap(({ block, bounds }) =>
      bounds
        .filter(
          ({ attribute, values, written }) =>
            attribute === 'bound_claims' && !Array.isArray(written) && values.length > 1 && !values.includes(UNKNOWN),
        )
        .map(({ claim, values, written }) => ({
          block,
          attribute: `bound_claims.${claim}`,
          found: written,
          reason: `the provider makes a list of it at the commas, and a token with any one of them gets in: ${values.map((value) => `"${value}"`).join(', ')}`,
          fix: 'set disable_bound_claims_parsing if it is one value with a comma in it, or allow this if each of them is meant',
        })),
    ),
};
