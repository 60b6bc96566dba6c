import { type ConsulRule, claimsInName, consulRules } from '../consul/binding-rules.js';
import { comparedClaim, conditionsOf, requires, wantedValue } from '../consul/selectors.js';
import type { LintDocument } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import type { Rule, Violation } from '../rule.js';

/** By the pointer, and as the tokens before Kubernetes 1.21 have it. */
const NAMESPACED =
  /^\/kubernetes\.io\/(?:serviceaccount|pod)\/name$|^kubernetes\.io\/serviceaccount\/service-account\.name$/;
/** One of these says which namespace; what is wrong with a subject, `glob-too-wide` says. */
const NAMESPACE =
  /^\/?sub$|^\/kubernetes\.io\/(?:namespace|(?:serviceaccount|pod)\/uid)$|^kubernetes\.io\/serviceaccount\/(?:namespace|service-account\.uid)$/;

/** A login for a name in Kubernetes that every namespace can have. */
export const noNamespaceBound: Rule = {
  code: 'no-namespace-bound',
  severity: 'error',
  check: (document) => [...ofVault(document), ...ofConsul(document)],
};

const REASON = 'anyone who can create one with that name, in any namespace of the cluster, gets in';

function ofVault(document: LintDocument): Violation[] {
  return jwtRoles(document)
    .filter(({ boundsAreKnown, bounds }) => boundsAreKnown && !bounds.some(({ claim }) => NAMESPACE.test(claim)))
    .flatMap(({ block, bounds }) =>
      bounds
        .filter(({ claim }) => NAMESPACED.test(claim))
        .map(({ claim, written }) => ({
          block,
          attribute: `bound_claims.${claim}`,
          found: written,
          reason: REASON,
          fix: 'bind /kubernetes.io/namespace as well, or the whole subject "system:serviceaccount:NAMESPACE:NAME"',
        })),
    );
}

function ofConsul(document: LintDocument): Violation[] {
  return consulRules(document)
    .filter((rule) => !bindsNamespace(rule))
    .flatMap((rule) => {
      const found = nameIn(rule);
      if (found === undefined) return [];
      const fix = 'compare a value that /kubernetes.io/namespace is mapped to as well, with "=="';
      return [{ block: rule.block, attribute: 'selector', found, reason: REASON, fix }];
    });
}

/** Whether no token of another namespace satisfies a rule's selector; true where that is not known. */
function bindsNamespace({ method, selector, takesAll }: ConsulRule): boolean {
  const mappings = method?.mappings;
  if (mappings === undefined || (selector === undefined && !takesAll)) return true;
  if (selector === undefined) return false;
  return requires(selector, (condition) => {
    const wanted = wantedValue(condition, mappings);
    return wanted !== undefined && NAMESPACE.test(wanted.claim) && wanted.value !== '*';
  });
}

/** Where a rule speaks of a name: a comparison, or the name that it gives. */
function nameIn(rule: ConsulRule): string | undefined {
  const { method, selector, name } = rule;
  const mappings = method?.mappings;
  if (mappings === undefined) return undefined;
  const compared = (selector === undefined ? [] : conditionsOf(selector)).find(({ match }) =>
    NAMESPACED.test(comparedClaim(match, mappings) ?? ''),
  );
  const isNamed = claimsInName(rule).some((claim) => NAMESPACED.test(mappings[claim.kind].get(claim.name) ?? ''));
  return compared?.match.source ?? (isNamed ? name?.text : undefined);
}
