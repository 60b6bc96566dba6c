import type { Context } from 'hono';
import { isRecord } from '../is-record.js';
import { refuse } from './dialect.js';

/** The body as a JSON object, whatever Content-Type it came with: curl sends a form's unless told otherwise. */
export async function jsonBody(context: Context): Promise<Readonly<Record<string, unknown>>> {
  const text = await context.req.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refuse(400, 'invalid_request', 'the body is not JSON');
  }
  return isRecord(body) ? body : refuse(400, 'invalid_request', 'the body is not a JSON object');
}

/** A member that must be a string with something in it. */
export function requiredText(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  return typeof value === 'string' && value !== ''
    ? value
    : refuse(400, 'invalid_request', `"${name}" must be a string`);
}
