import { consulRules, nameByAbsence } from '../consul/binding-rules.js';
import type { Rule } from '../rule.js';

/** A name with a claim in it, which is another name without. */
export const absentClaimInName: Rule = {
  code: 'absent-claim-in-name',
  severity: 'error',
  check: (document) =>
    consulRules(document).flatMap((rule) => {
      const made = nameByAbsence(rule);
      if (made === undefined || rule.name === undefined) return [];
      return [
        {
          block: rule.block,
          attribute: rule.name.attribute,
          found: rule.name.text,
          reason: `Consul replaces an absent claim with an empty string: such a token gets "${made}"`,
          fix: `put '"NAME" in value' into the selector for each claim of the name`,
        },
      ];
    }),
};
