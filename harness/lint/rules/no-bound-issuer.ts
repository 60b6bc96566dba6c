import { consulMethods } from '../consul/binding-rules.js';
import { type Block, isEmpty, isSet, type LintDocument, resourcesOf } from '../document/document.js';
import { type Bound, claimsOf, type JwtRole, rolesByBackend } from '../jwt/jwt-role.js';
import { trustOf, trustOfMethod } from '../jwt/trust.js';
import type { Rule, Violation } from '../rule.js';

const FIX = 'to the iss of the tokens that are meant, character for character';
const NOMAD =
  "set oidc_issuer in the configuration of Nomad's servers first: without it their tokens have no iss; then ";

/** An auth method that does not check `iss`. In Vault a discovery URL does not change that; in Consul it is the issuer. */
export const noBoundIssuer: Rule = {
  code: 'no-bound-issuer',
  severity: 'error',
  check: (document) => [...ofVault(document), ...ofConsul(document)],
};

function ofVault(document: LintDocument): Violation[] {
  const rolesOf = (backend: Block): readonly JwtRole[] => rolesByBackend(document).get(backend) ?? [];
  return (
    resourcesOf(document, 'vault_jwt_auth_backend')
      .filter((backend) => !isSet(backend, 'bound_issuer'))
      .filter((backend) =>
        ['jwks_url', 'jwt_validation_pubkeys', 'oidc_discovery_url'].some((name) => isSet(backend, name)),
      )
      // Its own login flow verifies the issuer of the provider that it redirects to.
      .filter((backend) => !isSet(backend, 'oidc_client_id'))
      .filter((backend) => {
        const own = rolesOf(backend);
        const bound = own.every(
          (role) => !role.boundsAreKnown || role.bounds.some((bound) => bindsIssuer(role, bound)),
        );
        return own.length === 0 || !bound;
      })
      .map((block) => ({
        block,
        attribute: 'bound_issuer',
        reason:
          'Vault then accepts any iss, and does not compare it with oidc_discovery_url either: if the same keys sign for other issuers, their tokens get in, too',
        fix: `${isOfNomad(rolesOf(block).flatMap(claimsOf), trustOf(block).keySets) ? NOMAD : ''}set bound_issuer ${FIX}`,
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
    .map((method) => ({
      block: method.block,
      attribute: `${method.attribute}.BoundIssuer`,
      reason: 'Consul then accepts any iss: if the same keys sign for other issuers, their tokens get in, too',
      fix: `${isOfNomad([...(method.mappings?.value.values() ?? [])], trustOfMethod(method).keySets) ? NOMAD : ''}set BoundIssuer ${FIX}`,
    }));
}

/** Whether the tokens are workload identities of Nomad, by their claims or by the port of its API. */
function isOfNomad(claims: readonly string[], keySets: readonly string[]): boolean {
  return (
    claims.some((claim) => claim.startsWith('nomad_')) || keySets.some((url) => /^https?:\/\/[^/]+:4646\//.test(url))
  );
}
