import pLimit from 'p-limit';
import { isRecord } from '../../internal/json.js';

/** What a server shows at each path, as JSON that is equal where nothing has changed. */
export type Snapshot = ReadonlyMap<string, string>;

/** So many requests at a time are answered about as fast as more. */
const AT_ONCE = 4;

/** Reads several paths. */
export async function readAll(paths: Iterable<string>, read: (path: string) => Promise<string>): Promise<Snapshot> {
  return new Map(await pLimit(AT_ONCE).map(paths, async (path) => [path, await read(path)] as const));
}

/** The part that does not show what is expected. */
export function differing(expected: Snapshot, shown: Snapshot): Snapshot {
  return new Map([...shown].filter(([path, value]) => expected.get(path) !== value));
}

/** The names that one value lists, or has as fields, and the other doesn't. */
export function addedNames(expected: string | undefined, shown: string | undefined): string[] {
  const before = new Set(names(expected));
  return names(shown).filter((name) => !before.has(name));
}

function names(value = 'null'): string[] {
  const { data }: { data?: unknown } = JSON.parse(value) ?? {};
  if (!isRecord(data)) return [];
  const { keys, headers } = data;
  if (Array.isArray(keys)) return keys.map(String);
  return Object.keys(isRecord(headers) ? headers : data);
}
