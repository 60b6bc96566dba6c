import type { Context } from 'hono';
import { isRecord } from '../is-record.js';
import { isNestedTooDeeply, MOST_LEVELS } from '../nested.js';
import { bodyText } from './body-text.js';
import { refuse } from './dialect.js';

/** The body as a JSON object of 64 KiB at most, whatever Content-Type it has: curl sends a form's unless told otherwise. */
export async function jsonBody(context: Context): Promise<Readonly<Record<string, unknown>>> {
  return jsonObject(await bodyText(context));
}

/**
 * The JSON object that a body is. One that is nested over 64 levels deep is refused with 400, and so is a member
 * `__proto__`, at any level: schemas and copies would drop it without a word.
 */
export function jsonObject(text: string): Readonly<Record<string, unknown>> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refuse(400, 'invalid_request', 'the body is not JSON');
  }
  if (!isRecord(body)) return refuse(400, 'invalid_request', 'the body is not a JSON object');
  if (isNestedTooDeeply(body)) refuse(400, 'invalid_request', `the body is nested over ${MOST_LEVELS} levels deep`);
  refusePrototype(body);
  return body;
}

function refusePrototype(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__')) refuse(400, 'invalid_request', '"__proto__" can\'t be the name of a member');
  for (const item of Object.values(value)) refusePrototype(item);
}

/** A member that must be a string with something in it. */
export function requiredText(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  return typeof value === 'string' && value !== ''
    ? value
    : refuse(400, 'invalid_request', `"${name}" must be a string that is not empty`);
}
