import { consulRules } from '../consul/binding-rules.js';
import { textOf } from '../document/document.js';
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
              reason: `Consul refuses the rule, since it can't read the selector: ${mistake}`,
              fix: 'write it as Consul\'s grammar has it, such as: value.repository == "acme/app" and "ci" in list.groups',
            },
          ],
    ),
};
