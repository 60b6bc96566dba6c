import { consulRules } from '../consul/binding-rules.js';
import { conditionsOf, wantedValue } from '../consul/selectors.js';
import { isKnown, type LintDocument } from '../document/document.js';
import { jwtRoles } from '../jwt/jwt-role.js';
import { trustOfMethod } from '../jwt/trust.js';
import { type Vendor, vendorOf, vendorOfRole } from '../jwt/vendors.js';
import type { Rule, Violation } from '../rule.js';

/** A branch or a tag as the issuer never writes it. */
export const refNeverMatches: Rule = {
  code: 'ref-never-matches',
  severity: 'error',
  check: (document) => [...ofVault(document), ...ofConsul(document)],
};

function ofVault(document: LintDocument): Violation[] {
  return jwtRoles(document).flatMap((role) => {
    const vendor = vendorOfRole(role);
    if (vendor === undefined) return [];
    return role.bounds.flatMap(({ claim, attribute, values }) =>
      values.filter(isKnown).flatMap((found) => {
        const fix = mistakeIn(vendor, claim, found, role.globs !== false && attribute === 'bound_claims');
        if (fix === undefined) return [];
        const where = attribute === 'bound_subject' ? attribute : `bound_claims.${claim}`;
        return [{ block: role.block, attribute: where, found, reason: reasonOf(vendor), fix }];
      }),
    );
  });
}

function ofConsul(document: LintDocument): Violation[] {
  return consulRules(document).flatMap(({ block, method, selector }) => {
    const mappings = method?.mappings;
    const vendor = method && mappings && vendorOf(trustOfMethod(method), [...mappings.value.values()]);
    if (selector === undefined || mappings === undefined || vendor === undefined) return [];
    return conditionsOf(selector).flatMap((condition) => {
      const wanted = wantedValue(condition, mappings);
      const fix = wanted && mistakeIn(vendor, wanted.claim, wanted.value, true);
      if (fix === undefined) return [];
      return [{ block, attribute: 'selector', found: condition.match.source, reason: reasonOf(vendor), fix }];
    });
  });
}

function reasonOf({ name, ref }: Vendor): string {
  const form = ref === 'full' ? 'the whole ref, "refs/heads/main"' : 'the name alone, "main", and its kind in ref_type';
  return `tokens of ${name} have ${form}: this never matches, and every login is refused`;
}

/** What to write instead of a value; undefined where it may be right. */
function mistakeIn(vendor: Vendor, claim: string, value: string, globs: boolean): string | undefined {
  const ref = refIn(claim.replace(/^\//, ''), value, vendor.ref);
  if (ref === undefined) return undefined;
  const [beginning = '', ...rest] = globs ? ref.text.split('*') : [ref.text];
  const isOpen = rest.length > 0;
  const isFull = beginning.startsWith('refs/') || (isOpen && 'refs/'.startsWith(beginning));
  if (ref.form === 'full') return isFull ? undefined : `write "refs/heads/${ref.text}", or "refs/tags/${ref.text}"`;
  return beginning.startsWith('refs/') ? `write "${ref.text.replace(/^refs\/(?:heads|tags)\//, '')}"` : undefined;
}

/** The ref that a value is, or that a subject ends with, and how the vendor writes it there. */
function refIn(
  claim: string,
  value: string,
  form: Vendor['ref'],
): { readonly text: string; readonly form: 'full' | 'short' } | undefined {
  if (form === undefined || value === '') return undefined;
  if (claim === 'ref') return { text: value, form };
  // GitLab has the whole one, too.
  if (claim === 'ref_path' && form === 'short') return { text: value, form: 'full' };
  const inSubject = claim === 'sub' ? /:ref:(.+)$/.exec(value)?.[1] : undefined;
  return inSubject === undefined ? undefined : { text: inSubject, form };
}
