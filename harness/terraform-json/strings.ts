import { isRecord } from '../../internal/json.js';

/**
 * A value with every string in it changed, at any depth, the names of members included. One in which nothing changes is
 * returned unchanged, which spares most of a large configuration a copy.
 */
export function mapStrings(value: unknown, change: (text: string) => unknown): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) {
    let items: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const item = mapStrings(value[index], change);
      if (item === value[index]) continue;
      items ??= [...value];
      items[index] = item;
    }
    return items ?? value;
  }
  if (!isRecord(value)) return value;
  let members: Record<string, unknown> | undefined;
  for (const name of Object.keys(value)) {
    if (change(name) !== name) return withNames(value, change);
    const member = mapStrings(value[name], change);
    if (member === value[name]) continue;
    members ??= { ...value };
    members[name] = member;
  }
  return members ?? value;
}

/** The names in a map are changed as well, and the order stays. */
function withNames(value: Readonly<Record<string, unknown>>, change: (text: string) => unknown): unknown {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [String(change(name)), mapStrings(member, change)]),
  );
}

/** Every character before the first combining one is its own normal form. */
const MAY_CHANGE = /[\u0300-\u{10ffff}]/u;

/**
 * A string in Unicode's Normalization Form C, as Terraform keeps every string.
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings
 */
export function normalised(text: string): string {
  return MAY_CHANGE.test(text) ? text.normalize('NFC') : text;
}
