import { claimCanMake, MANAGEMENT } from '../../../stacks/consul-bind-name.js';
import { type ConsulRule, consulRules } from '../consul/binding-rules.js';
import { type LintDocument, ofDocument, resourcesOf, textOf, textsOf } from '../document/document.js';
import type { Rule } from '../rule.js';

const NAMES = [MANAGEMENT, '00000000-0000-0000-0000-000000000001'];

/** A login that may do everything. */
export const globalManagement: Rule = {
  code: 'global-management',
  severity: 'error',
  check: (document) =>
    consulRules(document)
      .filter((rule) => mayGive(rule, namesOfManagement(document, rule)))
      .map(({ block, name }) => {
        const isMade = name?.text.includes('${') === true;
        const who = isMade
          ? 'anyone with a token whose claim makes the name "global-management"'
          : 'anyone who logs in this way';
        return {
          block,
          attribute: 'bind_name',
          found: name?.text,
          reason: `${who} has full access, and can make tokens that never expire`,
          fix: isMade
            ? 'put a name of your own before the claim, or name its values in the selector'
            : 'use a policy that grants only what is needed',
        };
      }),
};

/** The names that a rule gives everything by: the policy's, or those of the document's roles that have it. */
function namesOfManagement(document: LintDocument, { bindType }: ConsulRule): readonly string[] {
  if (bindType === 'policy') return NAMES;
  return bindType === 'role' ? rolesOfManagement(document) : [];
}

const rolesOfManagement = ofDocument((document: LintDocument) =>
  resourcesOf(document, 'consul_acl_role')
    .filter((block) => textsOf(block, 'policies').some(isManagement))
    .flatMap((block) => textOf(block, 'name')?.toLowerCase() ?? []),
);

function mayGive({ name, selector, takesAll }: ConsulRule, names: readonly string[]): boolean {
  if (name === undefined) return false;
  const isKnown = selector !== undefined || takesAll;
  return names.some((one) => name.text.toLowerCase() === one || (isKnown && claimCanMake(name.text, one, selector)));
}

function isManagement(policy: string): boolean {
  return NAMES.includes(policy.toLowerCase());
}
