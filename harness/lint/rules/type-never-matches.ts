import { isKnown } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import { vendorOfRole } from '../jwt/vendors.js';
import type { Rule } from '../rule.js';

/**
 * Registered claims that are not strings, no matter who signs.
 * @see https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
 */
const BOOLEANS = ['email_verified', 'phone_number_verified'];
const NUMBERS = ['auth_time', 'exp', 'iat', 'nbf', 'updated_at'];

/** A string that is bound to a claim of another type. Consul makes strings of claims, so that a selector may compare them. */
export const typeNeverMatches: Rule = {
  code: 'type-never-matches',
  severity: 'error',
  check: (document) =>
    jwtRoles(document).flatMap((role) => {
      const vendor = vendorOfRole(role);
      return role.bounds.flatMap(({ claim, written, attribute }) => {
        const name = claim.replace(/^\/(?=[^/]+$)/, '');
        const isNumber = NUMBERS.includes(name) || vendor?.numbers?.includes(name) === true;
        if ((!isNumber && !BOOLEANS.includes(name)) || !isKnown(written)) return [];
        // What is written to Vault itself keeps its type.
        const isRaw = role.block.within !== undefined;
        if (isRaw && ![written].flat().every((value) => typeof value === 'string')) return [];
        return [
          {
            block: role.block,
            attribute: `${attribute}.${claim}`,
            found: written,
            reason: `the claim is a ${isNumber ? 'number' : 'boolean'}, and the provider sends a string, which never equals one: every login is refused`,
            fix: 'remove it, and bind a claim that is a string',
          },
        ];
      });
    }),
};
