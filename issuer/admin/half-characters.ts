import { isRecord } from '../../internal/json.js';
import { refuse } from '../http/dialect.js';

/** Refuses JSON that can't be kept as it is: half a character in a text. */
export function refuseHalfCharacters(value: unknown): void {
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
    refuse(400, 'invalid_request', 'a string in the body has an unpaired surrogate');
  }
  if (Array.isArray(value)) for (const item of value) refuseHalfCharacters(item);
  if (!isRecord(value)) return;
  for (const [name, item] of Object.entries(value)) {
    refuseHalfCharacters(name);
    refuseHalfCharacters(item);
  }
}
