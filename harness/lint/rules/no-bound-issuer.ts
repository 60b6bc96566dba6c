import { isSet, resourcesOf } from '../document/block.js';
import { backendOf, jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** An auth method that does not check `iss`. A discovery URL does not change that. */
export const noBoundIssuer: Rule = {
  code: 'no-bound-issuer',
  severity: 'error',
  check: (document) => {
    const roles = jwtRoles(document);
    return (
      resourcesOf(document, 'vault_jwt_auth_backend')
        .filter((backend) => !isSet(backend, 'bound_issuer'))
        .filter((backend) =>
          ['jwks_url', 'jwt_validation_pubkeys', 'oidc_discovery_url'].some((name) => isSet(backend, name)),
        )
        // Its own login flow verifies the issuer of the provider that it redirects to.
        .filter((backend) => !isSet(backend, 'oidc_client_id'))
        .filter((backend) => {
          const own = roles.filter((role) => backendOf(document, role) === backend);
          const bound = own.every((role) => !role.boundsAreKnown || role.bounds.some(({ claim }) => claim === 'iss'));
          return own.length === 0 || !bound;
        })
        .map((block) => ({
          block,
          attribute: 'bound_issuer',
          reason:
            'without it iss is not checked at all, not even against oidc_discovery_url: a key that signs for several issuers opens it for each',
          fix: 'set bound_issuer to the iss of the tokens that are meant, byte for byte',
        }))
    );
  },
};
