import { isRecord } from './is-record.js';

/** How deep JSON from outside may be nested. Deeper ones would exhaust the stack of what goes through them. */
export const MOST_LEVELS = 64;

/** Whether JSON is nested deeper than {@link MOST_LEVELS}; a value that is no list and no object has no level. */
export function isNestedTooDeeply(value: unknown, levels: number = MOST_LEVELS): boolean {
  const inside = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  return inside.length > 0 && (levels === 0 || inside.some((item) => isNestedTooDeeply(item, levels - 1)));
}
