import { isRecord } from '../../../internal/json.js';

/** A reference to a local, or to a part of one: `local.claims.sub`, `local.claims["sub"]`, `local.list[0]`. */
export interface LocalReference {
  readonly name: string;
  /** The names of members and the numbers of items that lead to the part. */
  readonly path: readonly string[];
}

const LOCAL = /^\s*local\.([\w-]+)((?:\.[A-Za-z_][\w-]*|\[\d+\]|\["[^"\\$%]*"\])*)\s*$/;
const STEP = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\["([^"]*)"\]/g;

/** An expression as a reference to a local; undefined where it is none. */
export function localReference(expression: string): LocalReference | undefined {
  const [, name, steps = ''] = LOCAL.exec(expression) ?? [];
  if (name === undefined) return undefined;
  return { name, path: [...steps.matchAll(STEP)].map(([, member, index, key]) => member ?? index ?? key ?? '') };
}

/** The part of a value that a path leads to; undefined where there is none. */
export function partOf(value: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (!Array.isArray(value) && !isRecord(value)) return undefined;
  return Object.hasOwn(value, step)
    ? partOf(Object.entries(value).find(([name]) => name === step)?.[1], rest)
    : undefined;
}
