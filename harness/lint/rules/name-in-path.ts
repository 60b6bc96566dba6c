import { isRecord } from '../../../internal/json.js';
import {
  type Block,
  byKey,
  type LintDocument,
  ofDocument,
  referredBy,
  resourcesOf,
  textOf,
} from '../document/document.js';
import { rolesByBackend } from '../jwt/jwt-role.js';
import { vendorOfRole } from '../jwt/vendors.js';
import { type DeclaredPolicy, declaredPolicies, grants, shownPath } from '../policy/vault-policy.js';
import type { Rule } from '../rule.js';

/** What a token says of its subject: the name of the entity's alias, and what `claim_mappings` keep. */
const FROM_TOKEN = /\{\{\s*identity\.entity\.aliases\.([^{}]+)\.(?:name|metadata\.([^{}]+?))\s*\}\}/g;

/** A path with a name from the token in it: Vault fills it in first, and then looks for wildcards. */
export const nameInPath: Rule = {
  code: 'name-in-path',
  severity: 'warning',
  check: (document) =>
    declaredPolicies(document).flatMap((policy) =>
      policy.paths
        .filter((path) => !grants(path, ['deny']))
        .filter(({ path }) => [...path.matchAll(FROM_TOKEN)].some(([, , key]) => !isId(document, policy, key)))
        .map((path) => ({
          block: policy.block,
          attribute: policy.attribute,
          found: shownPath(path),
          reason:
            'Vault inserts the name that the token has into this path, and only then looks for wildcards: a subject called "+" or "vish*" gets at the paths of others, and one called "a/b" at a path of "a"',
          fix: 'use {{identity.entity.id}}, which Vault makes itself, or allow this if the issuer signs no name with "+", "*" or "/" in it',
        })),
    ),
};

const backendsByAccessor = ofDocument((document: LintDocument) =>
  byKey(resourcesOf(document, 'vault_jwt_auth_backend'), ({ address }) => `${address}.accessor`),
);

/**
 * Whether what a name is made of is always an id of digits, letters and hyphens: in every role of the auth method whose
 * accessor the policy refers to.
 * @param key of the alias's metadata; default its name
 */
function isId(document: LintDocument, { block, attribute, paths }: DeclaredPolicy, key: string | undefined): boolean {
  const referred = referredBy(block, attribute).filter((one) => one.endsWith('.accessor'));
  const backends = [...new Set(referred)].flatMap((one) => backendsByAccessor(document).get(one) ?? []);
  const roles = backends.flatMap((backend) => rolesByBackend(document).get(backend) ?? []);
  const accessors = paths.flatMap(({ path }) => [...path.matchAll(FROM_TOKEN)].map(([, accessor]) => accessor));
  return (
    // One that is written out is of an auth method that nobody can tell.
    backends.length >= new Set(accessors).size &&
    backends.length === new Set(referred).size &&
    roles.length > 0 &&
    roles.every((role) => {
      const ids = vendorOfRole(role)?.ids ?? [];
      const claims = key === undefined ? [textOf(role.block, 'user_claim') ?? ''] : mappedTo(role.block, key);
      return claims.every((claim) => ids.includes(claim));
    })
  );
}

/** The claims that a role keeps in an alias's metadata under a key. */
function mappedTo(role: Block, key: string): string[] {
  const mappings = role.attributes['claim_mappings'];
  return Object.entries(isRecord(mappings) ? mappings : {}).flatMap(([claim, name]) => (name === key ? [claim] : []));
}
