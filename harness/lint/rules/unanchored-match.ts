import { consulRules } from '../consul/binding-rules.js';
import { anchorsOf, conditionsOf, isPattern } from '../consul/selectors.js';
import type { Rule } from '../rule.js';

const END = 'end with "$", or with the "/" or ":" that ends a name';

/** A comparison with a part of a claim's text. */
export const unanchoredMatch: Rule = {
  code: 'unanchored-match',
  severity: 'warning',
  check: (document) =>
    consulRules(document).flatMap(({ block, selector }) =>
      (selector === undefined ? [] : conditionsOf(selector)).filter(isPattern).flatMap(({ match }) => {
        const violation = { block, attribute: 'selector', found: match.source };
        if (!match.operator.includes('matches')) {
          const reason = `it is true wherever "${match.value}" occurs in the string, even in the middle of another name`;
          return [{ ...violation, reason, fix: 'compare with "==", or map the claim as a list if it is one' }];
        }
        const { begins, ends } = anchorsOf(match.value);
        if (begins && ends) return [];
        const part = begins
          ? 'every longer string that begins with it'
          : ends
            ? 'every string that ends with it'
            : 'any part of the string';
        const reason = `it matches ${part}, so that others can choose a name that matches`;
        const needed = [begins ? '' : 'begin with "^"', ends ? '' : END].filter((one) => one !== '');
        return [{ ...violation, reason, fix: `let the pattern ${needed.join(', and ')}` }];
      }),
    ),
};
