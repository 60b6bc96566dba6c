import { type LintDocument, ofDocument, textOf } from '../document/document.js';
import { declaredPolicies, shownPath } from '../policy/vault-policy.js';
import type { Rule } from '../rule.js';

/** A path that no request has. */
export const policyPathNeverMatches: Rule = {
  code: 'policy-path-never-matches',
  severity: 'error',
  check: (document) =>
    declaredPolicies(document).flatMap(({ block, attribute, paths }) =>
      paths.flatMap((granted) => {
        const mistake = mistakeOf(granted.path, document);
        return mistake === undefined ? [] : [{ block, attribute, found: shownPath(granted), ...mistake }];
      }),
    ),
};

function mistakeOf(path: string, document: LintDocument): { reason: string; fix: string } | undefined {
  if (path.startsWith('/') || path.includes('//')) {
    return {
      reason: 'Vault removes "//" from a request before it checks policies: this grants and denies nothing',
      fix: 'write one "/"',
    };
  }
  if (path.startsWith('v1/') && !hasPlaceNamedV1(document)) {
    return {
      reason: 'a policy\'s path does not begin with the "v1/" of the URL: this grants and denies nothing',
      fix: 'leave "v1/" out',
    };
  }
  if (/\*(?!$)/.test(path)) {
    return {
      reason: '"*" is a wildcard only at the end of a path; elsewhere it is literal',
      fix: 'use "+" for one segment',
    };
  }
  return undefined;
}

/** Whether an engine, an auth method or a namespace is called "v1". */
const hasPlaceNamedV1 = ofDocument(({ blocks }: LintDocument) =>
  blocks.some((block) => /^\/?v1(?:\/|$)/.test(textOf(block, 'path') ?? '')),
);
