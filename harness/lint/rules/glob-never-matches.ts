import { consulMethods } from '../consul/binding-rules.js';
import { type Block, isKnown, type LintDocument } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import type { Rule, Violation } from '../rule.js';

/** A `*` where Vault or Consul takes it for itself. */
export const globNeverMatches: Rule = {
  code: 'glob-never-matches',
  severity: 'error',
  check: (document) => [...ofVault(document), ...ofConsul(document)],
};

function ofVault(document: LintDocument): Violation[] {
  return jwtRoles(document).flatMap(({ block, bounds, globs }) => [
    ...ofAudiences(block, 'bound_audiences', block.attributes['bound_audiences']),
    ...bounds.flatMap(({ claim, values, attribute }) => {
      const found = values.find((value) => value.includes('*'));
      if (found === undefined || (attribute === 'bound_claims' && globs !== false)) return [];
      return [
        attribute === 'bound_subject'
          ? {
              block,
              attribute,
              found,
              reason: 'bound_subject is never a glob: it accepts only a token whose sub contains a literal "*"',
              fix: 'bind sub in bound_claims, with bound_claims_type "glob"',
            }
          : {
              block,
              attribute: `bound_claims.${claim}`,
              found,
              reason: 'bound_claims_type is "string": it accepts only a claim that contains a literal "*"',
              fix: 'set bound_claims_type to "glob", or write the value out',
            },
      ];
    }),
  ]);
}

function ofConsul(document: LintDocument): Violation[] {
  return consulMethods(document).flatMap(({ block, attribute, config }) =>
    ofAudiences(block, `${attribute}.BoundAudiences`, config?.['boundaudiences']),
  );
}

function ofAudiences(block: Block, attribute: string, audiences: unknown): Violation[] {
  const name = attribute.replace(/^.*\./, '');
  return [audiences]
    .flat()
    .filter((value): value is string => typeof value === 'string' && isKnown(value) && value.includes('*'))
    .map((found) => ({
      block,
      attribute,
      found,
      reason: `${name} is never a glob: it accepts only a token whose aud contains a literal "*"`,
      fix: 'write the audiences out',
    }));
}
