import { isKnown } from '../document/document.js';
import { covers, declaredPolicies, grants } from '../policy/vault-policy.js';
import type { Rule } from '../rule.js';

const ANY = ['create', 'read', 'update', 'delete', 'list', 'patch', 'sudo'];
const WRITING = ['create', 'update', 'delete', 'patch', 'sudo'];
/** Anyone who can write one of these can grant themselves any policy. `~` stands for any name. */
const ESCALATIONS = [
  ...['sys/policies/acl/~', 'sys/policy/~', 'sys/auth/~', 'auth/~/role/~'],
  ...['identity/entity', 'identity/entity/id/~', 'identity/entity/name/~'],
  ...['identity/group', 'identity/group/id/~', 'identity/group/name/~'],
];
/** What auth methods have that gives policies: JWT's and AppRole's roles, those of tokens, users, groups. */
const GIVES_POLICIES = ['role', 'roles', 'users', 'groups', 'certs'];

/** A path that grants all there is, or the means to get it. */
export const policyPathTooWide: Rule = {
  code: 'policy-path-too-wide',
  severity: 'error',
  check: (document) =>
    declaredPolicies(document).flatMap(({ block, attribute, paths }) =>
      paths.flatMap((granted) => {
        const { path } = granted;
        if (!isKnown(path)) return [];
        const violation = { block, attribute, found: path };
        if (/^[+*/]+$/.test(path) && grants(granted, ANY)) {
          const reason = 'it applies to all engines and auth methods, including those added later';
          return [{ ...violation, reason, fix: 'name the engine that is needed' }];
        }
        const target = [...ESCALATIONS, ...ofAuthMethod(path)].find((one) => covers(path, one));
        if (target === undefined || !grants(granted, WRITING)) return [];
        const reason = `it allows writes to ${target.replaceAll('~', '*')}, and anyone who can do that can grant themselves any policy`;
        return [{ ...violation, reason, fix: 'name the policies, roles or auth methods that are needed' }];
      }),
    ),
};

/** The same of the auth method that a path names: `auth/jwt/role/~` for `auth/jwt/*`. */
function ofAuthMethod(path: string): string[] {
  const [, mount] = new RegExp(`^auth/([^*+]+?)(?:/(?:${GIVES_POLICIES.join('|')}))?/[*+]+$`).exec(path) ?? [];
  return mount === undefined ? [] : GIVES_POLICIES.map((kind) => `auth/${mount}/${kind}/~`);
}
