import { declaredPolicies } from '../policy/vault-policy.js';
import type { Rule } from '../rule.js';

/** A policy whose text is no policy. */
export const policyUnparsable: Rule = {
  code: 'policy-unparsable',
  severity: 'error',
  check: (document) =>
    declaredPolicies(document).flatMap(({ block, mistake }) =>
      mistake === undefined
        ? []
        : [
            {
              block,
              attribute: 'policy',
              reason: `it can't be read as a policy: ${mistake}`,
              fix: 'correct it; Vault refuses an invalid policy',
            },
          ],
    ),
};
