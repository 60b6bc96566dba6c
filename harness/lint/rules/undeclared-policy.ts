import { resourcesOf, textOf } from '../document/document.js';
import { policyNamesIn } from '../policy/vault-policy.js';
import type { Rule } from '../rule.js';

/** What every Vault has; `root` has a rule of its own. */
const BUILT_IN = ['default', 'root'];
const POLICY_TYPES = ['vault_policy', 'vault_rgp_policy', 'vault_egp_policy'];

/** A policy that a role names and the document doesn't declare. It may be declared elsewhere. */
export const undeclaredPolicy: Rule = {
  code: 'undeclared-policy',
  severity: 'warning',
  check: (document) => {
    const declared = POLICY_TYPES.flatMap((type) => resourcesOf(document, type)).map((block) => textOf(block, 'name'));
    // A policy whose name is not known yet may be the one.
    if (declared.includes(undefined)) return [];
    // Vault makes the names of policies lower case.
    const known = new Set([...BUILT_IN, ...declared].map((name) => name?.toLowerCase()));
    return policyNamesIn(document)
      .filter(({ name }) => !known.has(name.toLowerCase()))
      .map(({ block, name }) => ({
        block,
        attribute: 'token_policies',
        found: name,
        reason: 'nothing here declares it; Vault accepts any name, and a policy that does not exist grants nothing',
        fix: 'declare it, correct the name, or allow this where it is declared elsewhere',
      }));
  },
};
