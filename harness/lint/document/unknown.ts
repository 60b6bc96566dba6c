import { isRecord } from '../../../internal/json.js';

/** Stands for a value, or for a part of a text, that is not known before Terraform runs. */
export const UNKNOWN = '\uFFFC';

/** Whether a value is known as a whole, at any depth. */
export function isKnown(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes(UNKNOWN);
  if (Array.isArray(value)) return value.every(isKnown);
  return isRecord(value) ? Object.values(value).every(isKnown) : true;
}
