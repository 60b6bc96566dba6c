import { declaredPolicies, grants, shownPath } from '../policy/policies.js';
import type { Rule } from '../rule.js';

/** What a token says of whoever logs in: the name of the entity's alias, and what `claim_mappings` keep. */
const FROM_TOKEN = /\{\{\s*identity\.entity\.aliases\.[^{}]+\.(?:name|metadata\.[^{}]+?)\s*\}\}/;

/** A path with a name from the token in it: Vault fills it in first, and then looks for wildcards. */
export const nameInPath: Rule = {
  code: 'name-in-path',
  severity: 'warning',
  check: (document) =>
    declaredPolicies(document).flatMap(({ block, attribute, paths }) =>
      paths
        .filter((path) => FROM_TOKEN.test(path.path) && !grants(path, ['deny']))
        .map((path) => ({
          block,
          attribute,
          found: shownPath(path),
          reason: 'Vault fills the name in as it is: "+" or "vish*" stands for the paths of others, "a/b" for one of a',
          fix: 'use {{identity.entity.id}}, or allow this where the issuer gives no name with "+", "*" or "/" in it',
        })),
    ),
};
