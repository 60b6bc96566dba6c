import { claimOf, truthOf } from '../../../stacks/consul-selector-truth.js';
import { consulRules } from '../consul/binding-rules.js';
import type { Rule } from '../rule.js';

/** A selector that a token without a claim satisfies. */
export const absentClaim: Rule = {
  code: 'absent-claim',
  severity: 'error',
  check: (document) =>
    consulRules(document).flatMap(({ block, selector }) => {
      const [open] = selector === undefined ? [] : truthOf(selector).byAbsence;
      if (open === undefined) return [];
      const { kind, name = 'user' } = claimOf(open);
      const asksForAbsence = open.path.length === 1 && open.operator === 'not in';
      return [
        {
          block,
          attribute: 'selector',
          found: open.source,
          reason:
            'Consul evaluates this as true for a token without the claim, so a token that lacks the claim matches',
          fix: asksForAbsence
            ? 'require a claim that such a token has instead, or allow this if tokens without it may log in'
            : `compare with "==" or "in", or put '"${name}" in ${kind} and' before it`,
        },
      ];
    }),
};
