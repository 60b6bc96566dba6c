import { claimOf } from '../../../stacks/consul-selector-analysis.js';
import { type ConsulRule, claimsInName, consulRules } from '../consul/binding-rules.js';
import { conditionsOf } from '../consul/selectors.js';
import type { Rule, Violation } from '../rule.js';

/** A claim that a binding rule speaks of and its auth method does not map, or not as that. */
export const unmappedClaim: Rule = {
  code: 'unmapped-claim',
  severity: 'error',
  check: (document) => consulRules(document).flatMap((rule) => [...inSelector(rule), ...inName(rule)]),
};

function inSelector({ block, method, selector }: ConsulRule): Violation[] {
  const mappings = method?.mappings;
  if (mappings === undefined || selector === undefined) return [];
  return conditionsOf(selector).flatMap(({ match }) => {
    const { kind, name } = claimOf(match);
    if (name === undefined || mappings[kind === 'list' ? 'list' : 'value'].has(name)) return [];
    const reason = 'no claim is mapped to it: Consul treats it as absent, even if the token has the claim';
    return [{ block, attribute: 'selector', found: match.source, reason, fix: mapIt(kind) }];
  });
}

function inName(rule: ConsulRule): Violation[] {
  const { block, method, name } = rule;
  return claimsInName(rule).flatMap((claim) => {
    const violation = { block, ...(name && { attribute: name.attribute }), found: `${claim.kind}.${claim.name}` };
    if (claim.kind === 'list') {
      const reason = 'a bind name must not contain a list: Consul refuses the rule';
      return [{ ...violation, reason, fix: 'map the claim as a value, in ClaimMappings' }];
    }
    if (method?.mappings === undefined || method.mappings.value.has(claim.name)) return [];
    const reason = 'no claim is mapped to it: Consul refuses the rule';
    return [{ ...violation, reason, fix: mapIt(claim.kind) }];
  });
}

function mapIt(kind: string): string {
  return `map a claim to it in ${kind === 'list' ? 'ListClaimMappings' : 'ClaimMappings'}, or correct the name`;
}
