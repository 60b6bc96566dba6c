import { consulMethods } from '../consul/binding-rules.js';
import { isEmpty, isKnown, isSet, type LintDocument, textsOf } from '../document/document.js';
import { flowOf, type JwtRole, jwtRoles } from '../jwt/jwt-role.js';
import { trustOfMethod } from '../jwt/trust.js';
import { vendorOf, vendorOfRole } from '../jwt/vendors.js';
import type { Rule, Violation } from '../rule.js';

/** A login that expects no audience, for tokens that always have one, or none that they have. */
export const audienceNeverMatches: Rule = {
  code: 'audience-never-matches',
  severity: 'error',
  check: (document) => [...ofVault(document), ...ofOneAudience(document), ...ofConsul(document)],
};

function ofVault(document: LintDocument): Violation[] {
  return jwtRoles(document)
    .filter((role) => !isSet(role.block, 'bound_audiences') && flowOf(role) === 'jwt')
    .flatMap((role) => {
      const who = whoHasAudience(role);
      if (who === undefined) return [];
      const reason = `${who} an aud, and Vault refuses a token with one where bound_audiences is empty`;
      const fix = 'set bound_audiences to a value used by this Vault only, and ask the issuer for tokens with it';
      return [{ block: role.block, attribute: 'bound_audiences', reason, fix }];
    });
}

/** Roles without the audience that all tokens of a vendor have. */
function ofOneAudience(document: LintDocument): Violation[] {
  return jwtRoles(document).flatMap((role) => {
    const { name, audience } = vendorOfRole(role) ?? {};
    const found = textsOf(role.block, 'bound_audiences');
    if (audience === undefined || found.length === 0 || !found.every(isKnown) || found.includes(audience)) return [];
    const reason = `tokens of ${name} have the aud "${audience}" alone: every login is refused`;
    return [{ block: role.block, attribute: 'bound_audiences', found, reason, fix: `set it to ["${audience}"]` }];
  });
}

/** Whose tokens have an `aud`, as the beginning of a sentence: a vendor's, or those that a bound claim asks for. */
function whoHasAudience(role: JwtRole): string | undefined {
  const vendor = vendorOfRole(role);
  if (vendor !== undefined) return `tokens of ${vendor.name} always have`;
  return role.bounds.some(({ claim }) => /^\/?aud$/.test(claim)) ? 'bound_claims asks for' : undefined;
}

/** In discovery Consul looks at no `aud` then, of which `no-bound-audiences` speaks. */
function ofConsul(document: LintDocument): Violation[] {
  return consulMethods(document).flatMap((method) => {
    const { block, attribute, keys, config, mappings } = method;
    if ((keys !== 'static' && keys !== 'jwks') || !isEmpty(config?.['boundaudiences'])) return [];
    const claims = mappings === undefined ? [] : [...mappings.value.values(), ...mappings.list.values()];
    const vendor = vendorOf(trustOfMethod(method), claims);
    if (vendor === undefined) return [];
    const reason = `tokens of ${vendor.name} always have an aud, and Consul refuses a token with one where BoundAudiences is empty`;
    const fix = 'set BoundAudiences to a value used by this Consul only, and ask the issuer for tokens with it';
    return [{ block, attribute: `${attribute}.BoundAudiences`, reason, fix }];
  });
}
