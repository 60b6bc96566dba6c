import { type ConsulRule, claimsInName, consulRules } from '../consul/binding-rules.js';
import { comparedClaim, conditionsOf } from '../consul/selectors.js';
import { stableIdentity } from '../jwt/mutable-claims.js';
import type { Rule, Violation } from '../rule.js';

/** A binding rule for a name that changes, or that somebody else may get. */
export const mutableClaim: Rule = {
  code: 'mutable-claim',
  severity: 'warning',
  check: (document) => consulRules(document).flatMap((rule) => [...inSelector(rule), ...inName(rule)]),
};

function inSelector({ block, method, selector }: ConsulRule): Violation[] {
  const mappings = method?.mappings;
  if (mappings === undefined || selector === undefined) return [];
  const compared = conditionsOf(selector).map(({ match }) => ({ match, claim: comparedClaim(match, mappings) ?? '' }));
  return compared.flatMap(({ match, claim }) => {
    const stable = stableIdentity(claim);
    // Beside what stays, a name says no more than itself.
    if (stable === undefined || compared.some((other) => stable.split(' or ').includes(other.claim))) return [];
    const reason = 'the value can be changed and taken over by someone else, who then gets in';
    return [
      {
        block,
        attribute: 'selector',
        found: match.source,
        reason,
        fix: `compare a claim that stays, in its place or as well: ${stable}`,
      },
    ];
  });
}

function inName(rule: ConsulRule): Violation[] {
  const { block, method, name } = rule;
  return claimsInName(rule).flatMap((named) => {
    const claim = method?.mappings?.[named.kind].get(named.name) ?? '';
    const stable = stableIdentity(claim);
    if (stable === undefined || name === undefined) return [];
    const reason = 'the name that is given has a claim in it whose value can be changed and taken over by someone else';
    return [{ block, attribute: name.attribute, found: name.text, reason, fix: `use a claim that stays: ${stable}` }];
  });
}
