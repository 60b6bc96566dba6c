import { isSet } from '../document/document.js';
import { flowOf, jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A role whose type is left to Vault, which makes it one of the OIDC flow. */
export const roleTypeDefault: Rule = {
  code: 'role-type-default',
  severity: 'error',
  check: (document) =>
    jwtRoles(document)
      .filter((role) => !isSet(role.block, 'role_type') && flowOf(role) === 'jwt')
      .map(({ block }) => ({
        block,
        attribute: 'role_type',
        reason: 'Vault\'s default is "oidc": it requires redirect URIs and refuses a login with a JWT',
        fix: 'set role_type to "jwt"',
      })),
};
