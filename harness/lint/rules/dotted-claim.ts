import { isRecord } from '../../../internal/json.js';
import { consulMethods } from '../consul/binding-rules.js';
import { type Block, type LintDocument, textOf } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import type { Rule, Violation } from '../rule.js';

/** A name with dots in it that stands for nothing but itself: `realm_access.roles`. A URL or a pointer is none. */
const DOTTED = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+$/;
/** A pointer without its slash; the old tokens of Kubernetes do have claims of some of these names. */
const KUBERNETES = /^kubernetes\.io\/(?!serviceaccount\/(?:namespace|secret\.name|service-account\.(?:name|uid))$)/;

/** A claim within a claim, written with a dot: Vault and Consul take it for the name of one claim. */
export const dottedClaim: Rule = {
  code: 'dotted-claim',
  severity: 'warning',
  check: (document) => [...ofVault(document), ...ofConsul(document)],
};

function ofVault(document: LintDocument): Violation[] {
  return jwtRoles(document).flatMap(({ block }) => [
    ...['user_claim', 'groups_claim'].flatMap((name) => violations(block, name, [textOf(block, name) ?? ''])),
    ...['bound_claims', 'claim_mappings'].flatMap((name) => violations(block, name, namesIn(block.attributes[name]))),
  ]);
}

function ofConsul(document: LintDocument): Violation[] {
  return consulMethods(document).flatMap(({ block, attribute, config = {} }) =>
    ['ClaimMappings', 'ListClaimMappings'].flatMap((name) =>
      violations(block, `${attribute}.${name}`, namesIn(config[name.toLowerCase()])),
    ),
  );
}

function namesIn(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

function violations(block: Block, attribute: string, claims: readonly string[]): Violation[] {
  return claims
    .filter((claim) => DOTTED.test(claim) || KUBERNETES.test(claim))
    .map((found) => {
      // This one has a dot in its own name.
      const pointer = `"/${found.replace(/(?<!^kubernetes)\./g, '/')}"`;
      return {
        block,
        attribute,
        found,
        reason: `a dot does not lead into a claim: the server looks for one that is called "${found}"`,
        fix: `write the JSON pointer ${pointer}${attribute === 'user_claim' ? ', and set user_claim_json_pointer' : ''}, or allow this if a claim is called so`,
      };
    });
}
