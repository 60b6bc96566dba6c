import { isKnown } from '../document/document.js';
import { type JwtRole, jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** A value with spaces around it. The provider trims bound claims, Vault audiences and policies. */
export const spacesNotKept: Rule = {
  code: 'spaces-not-kept',
  severity: 'error',
  check: (document) =>
    jwtRoles(document).flatMap((role) =>
      valuesOf(role)
        .filter(([, value]) => isKnown(value) && value !== value.trim())
        .map(([attribute, found]) => ({
          block: role.block,
          attribute,
          found,
          reason: `the spaces are not stored: "${found.trim()}" gets in, "${found}" is refused, and every plan shows a change`,
          fix: 'leave the spaces out',
        })),
    ),
};

function valuesOf({ block, bounds }: JwtRole): [attribute: string, value: string][] {
  const claims = bounds
    .filter(({ attribute }) => attribute === 'bound_claims' && block.within === undefined)
    .flatMap(({ claim, written }) =>
      strings(written).map((value): [string, string] => [`bound_claims.${claim}`, value]),
    );
  const lists = ['bound_audiences', 'token_policies'].flatMap((name) =>
    strings(block.attributes[name]).map((value): [string, string] => [name, value]),
  );
  return [...claims, ...lists];
}

function strings(value: unknown): string[] {
  return [value].flat().filter((one): one is string => typeof one === 'string');
}
