import { consulRules } from '../consul/binding-rule.js';
import { resourcesOf, textOf } from '../document/block.js';
import type { Rule } from '../rule.js';

/** What every Consul has; a rule of its own speaks of it. */
const BUILT_IN = 'global-management';

/** A policy or a role that a binding rule names and the document doesn't declare. It may be declared elsewhere. */
export const undeclaredBinding: Rule = {
  code: 'undeclared-binding',
  severity: 'warning',
  check: (document) =>
    consulRules(document).flatMap(({ block, bindType, name }) => {
      if ((bindType !== 'policy' && bindType !== 'role') || name === undefined || name.text.includes('${')) return [];
      const declared = resourcesOf(document, `consul_acl_${bindType}`).map((one) => textOf(one, 'name'));
      // One whose name is not known yet may be it, and Consul looks names up whatever their case.
      if (declared.some((one) => one === undefined || one.toLowerCase() === name.text.toLowerCase())) return [];
      if (bindType === 'policy' && name.text.toLowerCase() === BUILT_IN) return [];
      return [
        {
          block,
          attribute: 'bind_name',
          found: name.text,
          reason: `nothing here declares it; Consul takes any name, and a ${bindType} that does not exist gives nothing`,
          fix: 'declare it, correct the name, or allow this where it is declared elsewhere',
        },
      ];
    }),
};
