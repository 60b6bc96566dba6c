const MOST_LEVELS = 64;

/**
 * What is wrong with JSON from outside, whatever it is for: it is nested over 64 levels deep, which would exhaust the stack of
 * what goes through it, or has a member `__proto__`, which schemas and copies drop without a word.
 * @returns how a sentence about it goes on; undefined where nothing is
 */
export function wrongWithJson(value: unknown, levels: number = MOST_LEVELS): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, '__proto__')) return 'has the name "__proto__", which is not allowed: choose another';
  const inside = Object.values(value);
  if (levels === 0 && inside.length > 0) return `is nested over ${MOST_LEVELS} levels deep`;
  for (const item of inside) {
    const wrong = wrongWithJson(item, levels - 1);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
