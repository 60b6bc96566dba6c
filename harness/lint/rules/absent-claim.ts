import { claimOf, truthOf, withNegation } from '../../../stacks/consul-selector-analysis.js';
import { consulRules } from '../consul/binding-rules.js';
import type { Rule } from '../rule.js';

/** A selector that a token without a claim satisfies. */
export const absentClaim: Rule = {
  code: 'absent-claim',
  severity: 'error',
  check: (document) =>
    consulRules(document).flatMap(({ block, selector }) => {
      const [open] = selector === undefined ? [] : truthOf(selector).byAbsence;
      if (selector === undefined || open === undefined) return [];
      const { kind, name = 'user' } = claimOf(open);
      const found = withNegation(selector, open);
      const isNegated = found !== open.source;
      const asksForAbsence = open.path.length === 1 && open.operator === (isNegated ? 'in' : 'not in');
      return [
        {
          block,
          attribute: 'selector',
          found,
          reason:
            'Consul evaluates this as true for a token without the claim, so a token that lacks the claim matches',
          fix: asksForAbsence
            ? 'require a claim that such a token has instead, or allow this if tokens without it may log in'
            : `${isNegated ? '' : 'compare with "==" or "in", or '}put '"${name}" in ${kind} and' before it`,
        },
      ];
    }),
};
