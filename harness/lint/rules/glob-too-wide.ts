import { isKnown } from '../document/document.js';
import { type JwtRole, jwtRoles } from '../jwt/jwt-role.js';
import type { Rule } from '../rule.js';

/** Claims that name what is built, not who builds: a part of a name is a usual bound there. */
const REF_CLAIMS = [
  ...['base_ref', 'build_branch', 'build_tag', 'environment', 'head_ref', 'ref', 'ref_path', 'ref_type'],
  ...['job_workflow_sha', 'workflow_sha', 'sha'],
];
/** Bounds on these say which of a repository's tokens are meant, beside a subject that leaves it open. */
const CONTEXT_CLAIMS = [
  ...['environment', 'event_name', 'job_workflow_ref', 'pipeline_source', 'ref', 'ref_path', 'ref_protected'],
  ...['ref_type', 'workflow_ref'],
];
const REPOSITORY_AND_ALL = /^(?:repo:[^*:/]+\/[^*:/]+|project_path:[^*:]+):\*$/;

/** A wildcard that lets in more than the names before it say. Vault's `*` stands for any text, `/` and `:` too. */
export const globTooWide: Rule = {
  code: 'glob-too-wide',
  severity: 'error',
  check: (document) =>
    jwtRoles(document)
      .filter(({ globs }) => globs === true)
      .flatMap((role) =>
        role.bounds
          .filter(({ attribute }) => attribute === 'bound_claims')
          .flatMap(({ claim, values }) =>
            values.filter(isKnown).flatMap((value) => {
              const mistake = mistakeOf(claim, value, role);
              return mistake === undefined
                ? []
                : [{ block: role.block, attribute: `bound_claims.${claim}`, found: value, ...mistake }];
            }),
          ),
      ),
};

/** What all values of a claim begin with, in the words of those who sign them. */
const COMMON = /^(?:repo:|repository:|project_path:|organization:|system:serviceaccount:|spiffe:\/\/|https?:\/\/)/;

/** What is in a namespace of Kubernetes: who may name it may do so in this namespace alone. */
const NAMES_IN_NAMESPACE = [
  ...['/kubernetes.io/pod/name', '/kubernetes.io/serviceaccount/name'],
  'kubernetes.io/serviceaccount/service-account.name',
];
const NAMESPACES = ['/kubernetes.io/namespace', 'kubernetes.io/serviceaccount/namespace'];

function mistakeOf(claim: string, value: string, role: JwtRole): { reason: string; fix: string } | undefined {
  if (isWithinNamespace(claim, value, role)) return undefined;
  const own = value.replace(COMMON, '');
  if (/^\*+$/.test(own)) {
    return { reason: 'it matches every value', fix: 'name the values, or leave the claim out' };
  }
  if (own.startsWith('*')) {
    return {
      reason: 'its first part is a wildcard, so anyone can put a name of their own there',
      fix: 'write out the first part',
    };
  }
  const inName = REF_CLAIMS.includes(claim) ? undefined : wildcardInName(value);
  if (inName !== undefined) {
    return {
      reason: `"*" stands for "/" and ":", too, and here it continues a name: "${inName}-evil/..." gets in as well`,
      fix: 'put the "/" or ":" that ends the name before the "*", or write the value out',
    };
  }
  if (
    claim === 'sub' &&
    REPOSITORY_AND_ALL.test(value) &&
    !role.bounds.some((bound) => CONTEXT_CLAIMS.includes(bound.claim))
  ) {
    return {
      reason: 'it matches pull requests, and every branch, tag and environment of the repository',
      fix: 'write out the rest of the subject, or bind ref, environment or event_name as well',
    };
  }
  return undefined;
}

function isWithinNamespace(claim: string, value: string, { bounds }: JwtRole): boolean {
  if (claim === 'sub') return /^system:serviceaccount:[^*:]+:/.test(value);
  const namespace = bounds.find((bound) => NAMESPACES.includes(bound.claim));
  return NAMES_IN_NAMESPACE.includes(claim) && namespace?.values.every((one) => !one.includes('*')) === true;
}

/** The text before a wildcard that stands inside a name: not behind `/`, `:` or another one, and not in a ref. */
function wildcardInName(value: string): string | undefined {
  for (const { index } of value.matchAll(/\*/g)) {
    const before = value.slice(0, index);
    if (!/[/:*]$/.test(before) && !/(?:^|[:@])(?:ref:)?refs\/|:(?:ref|environment):/.test(before)) return before;
  }
  return undefined;
}
