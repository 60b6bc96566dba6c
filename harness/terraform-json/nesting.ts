/** How many objects, lists, brackets or blocks may stand in each other. Terraform's own documents have some 20. */
export const DEEPEST = 100;

/** Whether objects and lists of a JSON value are nested deeper than {@link DEEPEST}. */
export function isTooDeep(value: unknown): boolean {
  let level: readonly object[] = isNested(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    const below: object[] = [];
    for (const one of level) for (const member of Object.values(one)) if (isNested(member)) below.push(member);
    level = below;
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
