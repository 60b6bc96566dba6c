import { templateNames } from '../../../stacks/consul-bind-name.js';
import { consulRules } from '../consul/binding-rules.js';
import { type Block, type LintDocument, ofDocument, resourcesOf, textOf } from '../document/document.js';
import type { Rule, Violation } from '../rule.js';

/** What every Consul has; a rule of its own speaks of it. */
const BUILT_IN = 'global-management';

const declaredNames = ofDocument((document: LintDocument) => {
  const namesOf = (type: string) =>
    new Set(resourcesOf(document, type).map((one) => textOf(one, 'name')?.toLowerCase()));
  return { policy: namesOf('consul_acl_policy'), role: namesOf('consul_acl_role') };
});

/** A policy or a role that a binding rule names and the document doesn't declare, be it elsewhere; or a template that Consul lacks. */
export const undeclaredBinding: Rule = {
  code: 'undeclared-binding',
  severity: 'warning',
  check: (document) =>
    consulRules(document).flatMap(({ block, bindType, name }) => {
      if (bindType === 'templated-policy') return unknownTemplate(block);
      if ((bindType !== 'policy' && bindType !== 'role') || name === undefined || name.text.includes('${')) return [];
      const declared = declaredNames(document)[bindType];
      // One whose name is not known yet may be it, and Consul looks names up whatever their case.
      if (declared.has(undefined) || declared.has(name.text.toLowerCase())) return [];
      if (bindType === 'policy' && name.text.toLowerCase() === BUILT_IN) return [];
      return [
        {
          block,
          attribute: 'bind_name',
          found: name.text,
          reason: `nothing here declares it; Consul accepts any name, and a ${bindType} that does not exist gives nothing`,
          fix: 'declare it, correct the name, or allow this where it is declared elsewhere',
        },
      ];
    }),
};

function unknownTemplate(block: Block): Violation[] {
  const found = textOf(block, 'bind_name');
  if (found === undefined || Object.hasOwn(templateNames, found)) return [];
  const reason = 'Consul has no such template, and refuses the rule';
  return [{ block, attribute: 'bind_name', found, reason, fix: `use one of ${Object.keys(templateNames).join(', ')}` }];
}
