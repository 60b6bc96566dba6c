import { type Block, textOf } from '../document/block.js';
import { backendOf, jwtRoles } from '../jwt/jwt-role.js';
import { bindsTenant, type SharedIssuer, sharedIssuers } from '../jwt/shared-issuers.js';
import type { Rule } from '../rule.js';

/** A role on an issuer that many share, without a bound that says whose tokens are meant. */
export const noTenantBound: Rule = {
  code: 'no-tenant-bound',
  severity: 'error',
  check: (document) =>
    jwtRoles(document).flatMap((role) => {
      const backend = backendOf(document, role);
      const issuer = backend && sharedIssuerOf(backend);
      if (!issuer || !role.boundsAreKnown) return [];
      if (role.bounds.some((bound) => bindsTenant(issuer, bound))) return [];
      return [
        {
          block: role.block,
          attribute: 'bound_claims',
          reason: `${issuer.name} signs for everybody's accounts with the issuer "${issuer.url}", and no bound names yours`,
          fix: `bind ${issuer.bind}`,
        },
      ];
    }),
};

function sharedIssuerOf(backend: Block): SharedIssuer | undefined {
  const bound = textOf(backend, 'bound_issuer') ?? textOf(backend, 'oidc_discovery_url');
  const keys = textOf(backend, 'jwks_url');
  return sharedIssuers.find(
    ({ url }) => bound?.replace(/\/$/, '') === url || (bound === undefined && keys?.startsWith(`${url}/`) === true),
  );
}
