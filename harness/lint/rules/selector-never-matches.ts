import { truthOf } from '../../../stacks/consul-selector-analysis.js';
import { consulRules } from '../consul/binding-rules.js';
import { textOf } from '../document/document.js';
import type { Rule } from '../rule.js';

/** A selector that contradicts itself. */
export const selectorNeverMatches: Rule = {
  code: 'selector-never-matches',
  severity: 'error',
  check: (document) =>
    consulRules(document)
      .filter(({ selector }) => selector !== undefined && !truthOf(selector).canMatch)
      .map(({ block }) => ({
        block,
        attribute: 'selector',
        found: textOf(block, 'selector'),
        reason: 'it contradicts itself, so that no token can match',
        fix: 'correct it: a claim has only one value; use "or" to accept several',
      })),
};
