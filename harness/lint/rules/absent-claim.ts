import { claimOf, truthOf } from '../../../stacks/consul-selector-truth.js';
import { consulRules } from '../consul/binding-rule.js';
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
          reason: 'Consul takes this for true where the token has no such claim, so that it lets in who lacks it',
          fix: asksForAbsence
            ? 'ask for what such a token has instead, or allow this where others may have it'
            : `compare with "==" or "in", or put '"${name}" in ${kind} and' before it`,
        },
      ];
    }),
};
