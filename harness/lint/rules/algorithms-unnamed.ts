import { isSet, resourcesOf } from '../document/document.js';
import type { Rule } from '../rule.js';

/** An auth method that takes every algorithm. */
export const algorithmsUnnamed: Rule = {
  code: 'algorithms-unnamed',
  severity: 'warning',
  check: (document) =>
    resourcesOf(document, 'vault_jwt_auth_backend')
      // With an OIDC client Vault takes no JWT but the provider's own, by RS256 alone.
      .filter((backend) => !isSet(backend, 'jwt_supported_algs') && !isSet(backend, 'oidc_client_id'))
      .map((block) => ({
        block,
        attribute: 'jwt_supported_algs',
        reason:
          'by default Vault accepts RS, PS and ES 256 to 512 and EdDSA, even if the issuer signs with only one of them',
        fix: 'name the algorithms that the issuer signs with',
      })),
};
