import { type AclGrant, aclPolicies } from '../consul/acl-rules.js';
import type { Rule } from '../rule.js';

/** A policy of Consul that grants all there is of something, or the means to get it. */
export const aclRulesTooWide: Rule = {
  code: 'acl-rules-too-wide',
  severity: 'error',
  check: (document) =>
    aclPolicies(document).flatMap(({ block, grants }) =>
      grants
        .filter(({ access }) => access === 'write')
        .flatMap((granted) => {
          const reason = reasonFor(granted);
          if (reason === undefined) return [];
          const found = granted.segment === undefined ? granted.resource : `${granted.resource} "${granted.segment}"`;
          return [
            {
              block,
              attribute: 'rules',
              found: `${found} ${granted.access}`,
              reason,
              fix: 'name the resources that are needed',
            },
          ];
        }),
    ),
};

function reasonFor({ resource, segment }: AclGrant): string | undefined {
  if (resource === 'acl') return 'anyone with acl = "write" can grant themselves everything';
  if (resource === 'operator') return "it may change the servers' own configuration, and remove servers";
  if (segment === '' && resource.endsWith('_prefix'))
    return 'an empty prefix matches every name, including names added later';
  return undefined;
}
