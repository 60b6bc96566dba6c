import { isSet, textOf } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A role for JWTs on an auth method with an OIDC client, which takes none. */
export const oidcClientRefusesJwt: Rule = {
  code: 'oidc-client-refuses-jwt',
  severity: 'error',
  check: (document) =>
    jwtRoles(document)
      .filter(({ block }) => textOf(block, 'role_type') === 'jwt')
      .filter(({ backend }) => backend !== undefined && isSet(backend, 'oidc_client_id'))
      .map(({ block }) => ({
        block,
        attribute: 'role_type',
        found: 'jwt',
        reason: 'its auth method has an OIDC client: Vault refuses every JWT login to it',
        fix: 'leave oidc_client_id out, or mount a second auth method for JWTs',
      })),
};
