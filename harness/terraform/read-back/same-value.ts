import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../../internal/json.js';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/**
 * Whether two values mean the same to Vault: nothing, false, zero and empty are one, a list is a set, a PEM may end with a
 * new line, and an address with all its bits is the address.
 */
export function isSameValue(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(plain(left), plain(right));
}

/** Seconds of a duration as Terraform takes it: `10m`, `1h30m`, `600` or 600; anything else as it is. */
export function seconds(duration: unknown): unknown {
  if (typeof duration !== 'string') return duration;
  if (/^\d+$/.test(duration)) return Number(duration);
  const parts = [...duration.matchAll(/(\d+)([smhd])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== duration) return duration;
  return parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (UNITS[unit] ?? 1), 0);
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
