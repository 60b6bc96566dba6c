import { consulRules } from '../consul/binding-rule.js';
import type { Rule } from '../rule.js';

/** A binding rule that gives the same to everybody who gets in. */
export const noSelector: Rule = {
  code: 'no-selector',
  severity: 'warning',
  check: (document) =>
    consulRules(document)
      .filter(({ takesAll, name }) => takesAll && name !== undefined && !name.text.includes('${'))
      .map(({ block, name }) => ({
        block,
        attribute: 'selector',
        found: name?.text,
        reason: 'every token that the auth method takes gets it, whoever it was signed for',
        fix: 'say in a selector whose logins are meant',
      })),
};
