import { consulMethods } from '../consul/auth-method.js';
import { isEmpty, isSet, type LintDocument, resourcesOf } from '../document/block.js';
import { type Bound, backendOf, type JwtRole, jwtRoles } from '../jwt/jwt-role.js';
import type { Rule, Violation } from '../rule.js';

const FIX = 'to the iss of the tokens that are meant, byte for byte';

/** An auth method that does not check `iss`. In Vault a discovery URL does not change that; in Consul it is the issuer. */
export const noBoundIssuer: Rule = {
  code: 'no-bound-issuer',
  severity: 'error',
  check: (document) => [...ofVault(document), ...ofConsul(document)],
};

function ofVault(document: LintDocument): Violation[] {
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
        const bound = own.every(
          (role) => !role.boundsAreKnown || role.bounds.some((bound) => bindsIssuer(role, bound)),
        );
        return own.length === 0 || !bound;
      })
      .map((block) => ({
        block,
        attribute: 'bound_issuer',
        reason:
          'without it iss is not checked at all, not even against oidc_discovery_url: a key that signs for several issuers opens it for each',
        fix: `set bound_issuer ${FIX}`,
      }))
  );
}

/** Whether a bound leaves in the tokens of named issuers alone: a wildcard in the host is none. */
function bindsIssuer({ globs }: JwtRole, { claim, values }: Bound): boolean {
  return /^\/?iss$/.test(claim) && (globs !== true || values.every((value) => !/^(?:https?:\/\/)?[^/]*\*/.test(value)));
}

function ofConsul(document: LintDocument): Violation[] {
  return consulMethods(document)
    .filter(({ keys, config }) => keys !== undefined && keys !== 'discovery' && isEmpty(config?.['boundissuer']))
    .map(({ block, attribute }) => ({
      block,
      attribute: `${attribute}.BoundIssuer`,
      reason: 'without it iss is not checked at all: a key that signs for several issuers opens it for each',
      fix: `set BoundIssuer ${FIX}`,
    }));
}
