import { consulRules } from '../consul/binding-rules.js';
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
        attribute: name?.attribute ?? 'selector',
        found: name?.text,
        reason: 'the rule applies to every token that the auth method accepts, for any subject',
        fix: 'add a selector that says whose logins are meant, such as: value.repository_id == "74"',
      })),
};
