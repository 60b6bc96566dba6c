import { isSet } from '../document/block.js';
import { backendOf, jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A role whose type is left to Vault, which makes it one of the OIDC flow. */
export const roleTypeDefault: Rule = {
  code: 'role-type-default',
  severity: 'error',
  check: (document) =>
    jwtRoles(document)
      .filter(({ block }) => !isSet(block, 'role_type') && !isSet(block, 'allowed_redirect_uris'))
      .filter((role) => {
        const backend = backendOf(document, role);
        return !backend || !isSet(backend, 'oidc_client_id');
      })
      .map(({ block }) => ({
        block,
        attribute: 'role_type',
        reason: 'Vault\'s default is "oidc": it wants redirect URIs, and a JWT does not get in by it',
        fix: 'set role_type to "jwt"',
      })),
};
