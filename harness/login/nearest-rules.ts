/**
 * The rules whose paths begin like a path, those first that have most of it in common: segments, and of the next segment the
 * characters that are the same. A rule whose first segment is another is not among them.
 * @param path without a slash before it
 */
export function nearestRules<Rule extends { readonly path: string }>(path: string, rules: readonly Rule[]): Rule[] {
  return rules
    .map((rule) => ({ rule, shared: sharedSegments(rule.path, path) }))
    .filter(({ shared }) => shared >= 1)
    .toSorted((one, other) => other.shared - one.shared)
    .map(({ rule }) => rule);
}

/** How many segments of a rule's path a path begins with, with the share of the next one that is the same. */
function sharedSegments(written: string, path: string): number {
  const asked = path.split('/');
  const segments = written.replace(/\*$/, '').split('/');
  const different = segments.findIndex((segment, index) => segment !== '+' && segment !== asked[index]);
  if (different < 0) return segments.length;
  const [segment = '', other = ''] = [segments[different], asked[different]];
  const same = [...segment].findIndex((character, index) => character !== other[index]);
  return different + (same < 0 ? segment.length : same) / (segment.length + 1);
}
