import { isKnown, textsOf } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A `*` where Vault takes it for itself. */
export const globNeverMatches: Rule = {
  code: 'glob-never-matches',
  severity: 'error',
  check: (document) =>
    jwtRoles(document).flatMap(({ block, bounds, globs }) => [
      ...textsOf(block, 'bound_audiences')
        .filter((value) => isKnown(value) && value.includes('*'))
        .map((found) => ({
          block,
          attribute: 'bound_audiences',
          found,
          reason: 'bound_audiences is never a glob: it accepts only a token whose aud contains a literal "*"',
          fix: 'write the audiences out',
        })),
      ...bounds.flatMap(({ claim, values, attribute }) => {
        const found = values.find((value) => value.includes('*'));
        if (found === undefined || (attribute === 'bound_claims' && globs !== false)) return [];
        return [
          attribute === 'bound_subject'
            ? {
                block,
                attribute,
                found,
                reason: 'bound_subject is never a glob: it accepts only a token whose sub contains a literal "*"',
                fix: 'bind sub in bound_claims, with bound_claims_type "glob"',
              }
            : {
                block,
                attribute: `bound_claims.${claim}`,
                found,
                reason: 'bound_claims_type is "string": it accepts only a claim that contains a literal "*"',
                fix: 'set bound_claims_type to "glob", or write the value out',
              },
        ];
      }),
    ]),
};
