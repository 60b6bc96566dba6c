import { consulRules } from '../consul/binding-rule.js';
import { type LintDocument, resourcesOf, textOf, textsOf } from '../document/block.js';
import type { Rule } from '../rule.js';

const MANAGEMENT = ['global-management', '00000000-0000-0000-0000-000000000001'];

/** A login that may do everything. */
export const globalManagement: Rule = {
  code: 'global-management',
  severity: 'error',
  check: (document) =>
    consulRules(document)
      .filter(({ bindType, name }) => {
        if (name === undefined) return false;
        return bindType === 'policy'
          ? isManagement(name.text)
          : bindType === 'role' && hasManagement(document, name.text);
      })
      .map(({ block, name }) => ({
        block,
        attribute: 'bind_name',
        found: name?.text,
        reason: 'whoever logs in so may do everything, and make tokens that never end',
        fix: 'give a policy with what is needed',
      })),
};

function hasManagement(document: LintDocument, role: string): boolean {
  return resourcesOf(document, 'consul_acl_role')
    .filter((block) => textOf(block, 'name')?.toLowerCase() === role.toLowerCase())
    .some((block) => textsOf(block, 'policies').some(isManagement));
}

function isManagement(policy: string): boolean {
  return MANAGEMENT.includes(policy.toLowerCase());
}
