import { isDeepStrictEqual } from 'node:util';
import { goDurationInSeconds } from '../../internal/go-duration.js';
import { isRecord, membersOf } from '../../internal/json.js';
import type { VaultBody } from '../api/vault-api.js';

/** Fields by name: arguments as Terraform has them, or what a server answers. */
export type Values = Readonly<Record<string, unknown>>;

/** Sends a request to Vault's API, without `/v1/` in the path; by default in the root namespace. */
export type VaultRequest = (method: string, path: string, json?: unknown, namespace?: string) => Promise<VaultBody>;

/** Reads a path of a server's API, without `/v1/`. */
export type ReadPath = (path: string) => Promise<unknown>;

/** How the fields of one resource type are read back. */
export interface FieldReader {
  /** What the server has, by Terraform's field names. */
  read(read: ReadPath, values: Values): Promise<Values>;
  /** What is declared, in the shape that {@link read} returns; default the values themselves. */
  declared?(values: Values): Values;
  /** What the server has where nothing is declared, if not nothing. */
  readonly defaults?: Values;
  /** Fields that the server chooses or completes where nothing is declared. */
  readonly chosen?: readonly string[];
  /** Fields that say where it is, belong to the provider alone or can't be read; besides `id` and `namespace`. */
  readonly ignored?: readonly string[];
}

/** The `data` of an answer of Vault's. */
export function dataOf(body: unknown): Values {
  return membersOf(membersOf(body)['data']);
}

/**
 * Whether two values mean the same to Vault: nothing, false, zero and empty are one, a list is a set, a PEM may end with a
 * new line, and an address with all its bits is the address.
 */
export function isSameValue(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(plain(left), plain(right));
}

/**
 * Seconds of a duration as Vault takes it: `10m`, `1h30m`, `2d`, `600` or 600; anything else unchanged.
 * @see https://developer.hashicorp.com/vault/docs/concepts/duration-format
 */
export function seconds(duration: unknown): unknown {
  if (typeof duration !== 'string') return duration;
  const [, count, days] = /^(\d+)(d?)$/.exec(duration) ?? [];
  if (count !== undefined) return Number(count) * (days === 'd' ? 86_400 : 1);
  return goDurationInSeconds(duration) ?? duration;
}

function plain(value: unknown): unknown {
  if (value === null || value === false || value === 0 || value === '') return undefined;
  if (typeof value === 'string') return value.trim().replace(/^([\d.]+)\/32$|^([\da-f:]+)\/128$/i, '$1$2');
  if (Array.isArray(value)) {
    const items = value.map(plain).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items.map((item) => JSON.stringify(item)).sort();
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).flatMap(([name, item]) => {
    const is = plain(item);
    return is === undefined ? [] : [[name, is] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
