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
