import { policyNamesIn } from '../policy/vault-policy.js';
import type { Rule } from '../rule.js';

/** A role that names the policy "root". */
export const rootPolicy: Rule = {
  code: 'root-policy',
  severity: 'error',
  check: (document) =>
    policyNamesIn(document)
      .filter(({ name }) => name.toLowerCase() === 'root')
      .map(({ block, name }) => ({
        block,
        attribute: 'token_policies',
        found: name,
        reason: "an auth method can't make root tokens: Vault refuses every login of such a role",
        fix: 'use a policy that grants only what the role needs',
      })),
};
