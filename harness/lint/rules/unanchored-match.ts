import { consulRules } from '../consul/binding-rule.js';
import { conditionsOf, isPattern } from '../consul/conditions.js';
import { isAnchored } from '../consul/pattern.js';
import type { Rule } from '../rule.js';

/** A comparison with a part of a claim's text. */
export const unanchoredMatch: Rule = {
  code: 'unanchored-match',
  severity: 'warning',
  check: (document) =>
    consulRules(document).flatMap(({ block, selector }) =>
      (selector === undefined ? [] : conditionsOf(selector)).filter(isPattern).flatMap(({ match }) => {
        const violation = { block, attribute: 'selector', found: match.source };
        if (!match.operator.includes('matches')) {
          const reason = `it is true wherever "${match.value}" stands in the text: in the middle of another name, too`;
          return [{ ...violation, reason, fix: 'compare with "==", or map the claim as a list if it is one' }];
        }
        if (isAnchored(match.value)) return [];
        const reason = 'it matches any part of the text, so that others can put it into a name of their own';
        return [{ ...violation, reason, fix: 'begin with "^", and end with "$" or behind the "/" or ":" of a name' }];
      }),
    ),
};
