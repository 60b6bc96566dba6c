import { declaredPolicies, shownPath } from '../policy/vault-policy.js';
import type { Rule } from '../rule.js';

/** A policy that grants the capability `sudo`. */
export const policySudo: Rule = {
  code: 'policy-sudo',
  severity: 'error',
  check: (document) =>
    declaredPolicies(document).flatMap(({ block, attribute, paths }) =>
      paths
        .filter(({ capabilities }) => capabilities.includes('sudo'))
        .map((path) => ({
          block,
          attribute,
          found: shownPath(path),
          reason: 'it grants sudo, which opens the paths that Vault keeps for root',
          fix: 'remove sudo, or allow this for a path that needs it',
        })),
    ),
};
