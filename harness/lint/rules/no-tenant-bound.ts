import { type ConsulRule, consulRules } from '../consul/binding-rules.js';
import { requires, wantedValue } from '../consul/selectors.js';
import type { Block, LintDocument } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import { bindsTenant, type SharedIssuer, sharedIssuerOf } from '../jwt/shared-issuers.js';
import { trustOf, trustOfMethod } from '../jwt/trust.js';
import type { Rule, Violation } from '../rule.js';

/** A role or a binding rule on an issuer that many share, without a bound that says whose tokens are meant. */
export const noTenantBound: Rule = {
  code: 'no-tenant-bound',
  severity: 'error',
  check: (document) => [...ofVault(document), ...ofConsul(document)],
};

function ofVault(document: LintDocument): Violation[] {
  return jwtRoles(document).flatMap((role) => {
    const issuer = sharedIssuerOf(trustOf(role.backend, role));
    if (!issuer || !role.boundsAreKnown) return [];
    if (role.bounds.some((bound) => bindsTenant(issuer, bound))) return [];
    return [violation(role.block, 'bound_claims', issuer)];
  });
}

function ofConsul(document: LintDocument): Violation[] {
  return consulRules(document).flatMap((rule) => {
    const issuer = rule.method && sharedIssuerOf(trustOfMethod(rule.method));
    if (!issuer || bindsIt(rule, issuer)) return [];
    return [violation(rule.block, 'selector', issuer)];
  });
}

/** Whether no token of another tenant satisfies a rule's selector; true where that is not known. */
function bindsIt({ method, selector, takesAll }: ConsulRule, issuer: SharedIssuer): boolean {
  const mappings = method?.mappings;
  if (mappings === undefined || selector === undefined) return !takesAll;
  return requires(selector, (condition) => {
    const wanted = wantedValue(condition, mappings);
    return wanted !== undefined && bindsTenant(issuer, { claim: wanted.claim, values: [wanted.value] });
  });
}

function violation(block: Block, attribute: string, { signs, bind }: SharedIssuer): Violation {
  return { block, attribute, reason: `${signs}, and no bound names yours`, fix: `bind ${bind}` };
}
