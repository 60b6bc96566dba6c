/** Whether a value is an object with members, as most JSON answers are. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of an object; none of anything else. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** The objects of a list; none where it is no list. */
export function records(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The names of a JSON object's members. Of two with one name JSON.parse keeps the last, without a word. */
export interface MemberNames {
  /** Those of the outermost object, in its order; one that is there twice is listed twice. */
  readonly names: readonly string[];
  /** The first name that an object has twice, at any depth. */
  readonly repeated: string | undefined;
}

/**
 * The names of the members of a JSON text, with doubles.
 * @param json valid JSON
 *
 * @example
 * memberNames('{"a":{"b":1,"b":2},"c":3}'); // { names: ['a', 'c'], repeated: 'b' }
 */
export function memberNames(json: string): MemberNames {
  const names: string[] = [];
  const open: Set<string>[] = [];
  let repeated: string | undefined;
  for (const [token, quoted] of json.matchAll(/"((?:[^"\\]|\\.)*)"(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (quoted !== undefined) {
      const name = JSON.parse(`"${quoted}"`) as string;
      const seen = open.at(-1);
      if (seen?.has(name)) repeated ??= name;
      seen?.add(name);
      if (open.length === 1) names.push(name);
    }
  }
  return { names, repeated };
}

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
