import leven, { closestMatch } from 'leven';

/** More than these names are not listed, where one of them may be meant. */
const MOST_LISTED = 12;

/**
 * What to say of a name that there is not: the one that was meant, or all that there are.
 * @param shown how a name is shown; default as it is
 *
 * @example
 * hint('gihub-actions', ['github-actions', 'gitlab']); // 'did you mean "github-actions"?'
 */
export function hint(name: string, known: readonly string[], shown = (one: string): string => one): string {
  const meant = closest(name, known);
  return meant === undefined ? `expected ${listed(known.map(shown))}` : `did you mean "${shown(meant)}"?`;
}

/** The name that was most likely meant; undefined where none is close. */
export function closest(name: string, known: readonly string[]): string | undefined {
  const begun = name.length > 1 ? known.filter((one) => one.startsWith(name)) : [];
  if (begun.length === 1) return begun[0];
  // With another first letter two changes make another word: "host" is no slip of "port".
  const near = known.filter((one) => one[0] === name[0] || leven(one, name) === 1);
  return closestMatch(name, near, { maxDistance: Math.ceil(name.length / 3) });
}

/** Names in quotes, with how many more there are. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const quoted = names.map((name) => `"${name}"`);
  // One more takes no more room than to say so.
  if (quoted.length > MOST_LISTED + 1)
    return `one of ${quoted.slice(0, MOST_LISTED).join(', ')}, and ${quoted.length - MOST_LISTED} more`;
  return quoted.length < 2 ? quoted.join() : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
