import { consulMethods } from '../consul/binding-rules.js';
import { type Block, isKnown, type LintDocument, resourcesOf, textOf } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import { sharedIssuerOf } from '../jwt/shared-issuers.js';
import { type Trust, trustOf, trustOfMethod } from '../jwt/trust.js';
import { vendorOf } from '../jwt/vendors.js';
import type { Rule, Violation } from '../rule.js';

/** An issuer that no token has, because it is written in another way. */
export const issuerNeverMatches: Rule = {
  code: 'issuer-never-matches',
  severity: 'error',
  check: (document) => [...ofVault(document), ...ofConsul(document)],
};

function ofVault(document: LintDocument): Violation[] {
  const ofBackends = resourcesOf(document, 'vault_jwt_auth_backend').flatMap((block) => {
    const found = textOf(block, 'bound_issuer');
    return found === undefined ? [] : violation(block, 'bound_issuer', found, keysOf(block));
  });
  const ofRoles = jwtRoles(document).flatMap(({ block, backend, bounds }) =>
    bounds
      .filter(({ claim }) => /^\/?iss$/.test(claim))
      .flatMap(({ claim, values }) =>
        values
          .filter(isKnown)
          .flatMap((found) => violation(block, `bound_claims.${claim}`, found, backend ? keysOf(backend) : [])),
      ),
  );
  return [...ofBackends, ...ofRoles];
}

/** Where the keys of an auth method are from. */
function keysOf(backend: Block): string[] {
  return [textOf(backend, 'oidc_discovery_url') ?? [], trustOf(backend).keySets].flat();
}

function ofConsul(document: LintDocument): Violation[] {
  return consulMethods(document).flatMap((method) => {
    const { block, attribute, config } = method;
    const found = config?.['boundissuer'];
    if (typeof found !== 'string' || !isKnown(found)) return [];
    const discovery = config?.['oidcdiscoveryurl'];
    const keys = [...(typeof discovery === 'string' ? [discovery] : []), ...trustOfMethod(method).keySets];
    return violation(block, `${attribute}.BoundIssuer`, found, keys);
  });
}

function violation(block: Block, attribute: string, found: string, keys: readonly string[]): Violation[] {
  const expected = expectedInstead(found, keys);
  if (expected === undefined) return [];
  const reason = 'iss is compared byte for byte, and no token has this one: every login is refused';
  return [{ block, attribute, found, reason, fix: `set it to ${expected}` }];
}

/** What the tokens have instead of an issuer; undefined where it may be right. */
function expectedInstead(found: string, keys: readonly string[]): string | undefined {
  const trust: Trust = { issuers: [found], keySets: [], globs: false };
  const shared = sharedIssuerOf(trust);
  if (shared?.others !== undefined) return 'the issuer of your tenant, with its id: no token has "common" there';
  // Google has signed tokens without the scheme, and says that it may.
  if (shared?.issuer === 'accounts.google.com' && found === shared.issuer) return undefined;
  if (shared !== undefined) return found === `https://${shared.issuer}` ? undefined : `"https://${shared.issuer}"`;
  if (found.includes('://')) return undefined;
  const isHostOfKeys = keys.some((url) => url.startsWith(`https://${found}/`) || url === `https://${found}`);
  const vendor = vendorOf(trust, [])?.name;
  // Anyone who runs a cluster chooses its issuer.
  const isVendors = vendor !== undefined && vendor !== 'Kubernetes';
  return isHostOfKeys || isVendors ? `"https://${found}"` : undefined;
}
