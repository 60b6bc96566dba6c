import { consulRules } from '../consul/binding-rule.js';
import { textOf } from '../document/block.js';
import type { Rule } from '../rule.js';

/** A selector that does not parse. */
export const selectorUnparsable: Rule = {
  code: 'selector-unparsable',
  severity: 'error',
  check: (document) =>
    consulRules(document).flatMap(({ block, mistake }) =>
      mistake === undefined
        ? []
        : [
            {
              block,
              attribute: 'selector',
              found: textOf(block, 'selector'),
              reason: `Consul refuses it: ${mistake}`,
              fix: 'correct it',
            },
          ],
    ),
};
