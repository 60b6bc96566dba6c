import type { SelectableValues } from './consul-claims.js';

const EQUALITY = /value\.(?<value>[a-zA-Z]\w*)\s*(?<comparison>==|!=)\s*"(?<text>[^"\\]*)"/;
const MEMBERSHIP = /"(?<item>[^"\\]*)"\s+(?<membership>in|not\s+in)\s+list\.(?<list>[a-zA-Z]\w*)/;
const CLAUSE = new RegExp(`\\s*(?:${EQUALITY.source}|${MEMBERSHIP.source})\\s*(?<next>and\\s|$)`, 'y');

/**
 * Whether a binding rule's selector matches, where that is beyond doubt: it is empty, which matches everybody, or nothing
 * but `value.x == "..."`, `value.x != "..."`, `"..." in list.x` and `"..." not in list.x` with `and` between them. Of a claim
 * that the token lacks only the negative ones are true.
 * @returns undefined for any other selector: Consul alone knows
 * @see https://developer.hashicorp.com/consul/api-docs/acl/binding-rules#selector
 */
export function selectorMatches(selector: string, values: SelectableValues): boolean | undefined {
  if (selector === '') return true;
  const verdicts: boolean[] = [];
  CLAUSE.lastIndex = 0;
  for (let more = true; more; ) {
    const groups = CLAUSE.exec(selector)?.groups;
    if (groups === undefined) return undefined;
    verdicts.push(clauseMatches(groups, values));
    more = groups['next'] !== '';
  }
  return verdicts.every(Boolean);
}

function clauseMatches(groups: Readonly<Record<string, string | undefined>>, values: SelectableValues): boolean {
  const { value, comparison, text, item = '', membership, list } = groups;
  if (value !== undefined) return (values[`value.${value}`] === text) === (comparison === '==');
  const items = values[`list.${list}`];
  return (Array.isArray(items) && items.includes(item)) === (membership === 'in');
}

/** The `value.x` and `list.x` that a selector, or a template such as a bind name, speaks of. */
export function fieldsIn(text: string): readonly string[] {
  return [...new Set(text.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '').match(/\b(?:value|list)\.\w+/g) ?? [])];
}
