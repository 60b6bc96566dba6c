import { isDeepStrictEqual } from 'node:util';

/** Which server is read: what `startVault` and `startConsul` return, or an address and a token that may read it all. */
export interface ReadableServer {
  readonly address: string;
  readonly token: string;
  /** The CA to verify its HTTPS with; default those that Node trusts. */
  readonly caPem?: string | undefined;
}

/**
 * What a server is configured with, by where it is, such as `auth/jwt/role/reader`: the fields there by the server's own
 * names. Ids, accessors and times are left out, names stand for ids, lists of texts are sorted, and what is null
 * or empty is left out.
 */
export type ServerState = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A field that two servers do not have alike. */
export interface StateDifference {
  /** Where it is, such as `auth/jwt/role/reader`. */
  readonly path: string;
  /** The field; undefined where one of the two has nothing there at all. */
  readonly field: string | undefined;
  /** What the first has; undefined for nothing. */
  readonly left: unknown;
  /** What the second has; undefined for nothing. */
  readonly right: unknown;
}

/**
 * Where two servers differ, sorted by path; empty where they are configured alike.
 *
 * @example
 * expect(stateDifferences(await readVaultState(vault), await readVaultState(other))).toEqual([]);
 */
export function stateDifferences(left: ServerState, right: ServerState): StateDifference[] {
  return names(left, right).flatMap((path): StateDifference[] => {
    const [one, other] = [left[path], right[path]];
    if (!one || !other) return [{ path, field: undefined, left: one, right: other }];
    return names(one, other).flatMap((field) =>
      isDeepStrictEqual(one[field], other[field]) ? [] : [{ path, field, left: one[field], right: other[field] }],
    );
  });
}

/** A value in one form: lists of texts are sorted, and a field that is null or empty is one that is not there. */
export function settled(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === 'string') ? value.toSorted() : value.map(settled);
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, item]) => [name, settled(item)] as const);
  return Object.fromEntries(fields.filter(([, item]) => !isNothing(item)));
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function names(left: object, right: object): string[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
}
