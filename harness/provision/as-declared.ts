/** Whether what a server has is as it was declared, by the members that are given; lists in any order, and none for null. */
export function isAsDeclared(
  found: Readonly<Record<string, unknown>>,
  declared: Readonly<Record<string, unknown>>,
): boolean {
  return Object.keys(declared).every((name) => comparable(found[name]) === comparable(declared[name]));
}

function comparable(value: unknown): string {
  if (Array.isArray(value)) return value.map(comparable).sort().join('\n');
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  return comparable(Object.entries(value).map(([name, member]) => `${name}=${comparable(member)}`));
}
