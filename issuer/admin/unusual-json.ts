import { refuse } from '../http/dialect.js';
import { isRecord } from '../is-record.js';

const MOST_LEVELS = 64;

/** Refuses JSON that can't be kept as it is: nested over 64 levels deep, or with half a character in a text. */
export function refuseUnusual(value: unknown, level = 0): void {
  if (level > MOST_LEVELS) refuse(400, 'invalid_request', `the body is nested over ${MOST_LEVELS} levels deep`);
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
    refuse(400, 'invalid_request', 'the body has half of a surrogate pair in a text');
  }
  if (Array.isArray(value)) for (const item of value) refuseUnusual(item, level + 1);
  if (!isRecord(value)) return;
  for (const [name, item] of Object.entries(value)) {
    refuseUnusual(name, level);
    refuseUnusual(item, level + 1);
  }
}
