import type { Context } from 'hono';
import { isRecord } from '../is-record.js';
import { wrongWithJson } from '../wrong-with-json.js';
import { bodyText } from './body-text.js';
import { refuse } from './dialect.js';

/** The body as a JSON object of 64 KiB at most, whatever Content-Type it has: curl sends a form's by default. */
export async function jsonBody(context: Context): Promise<Readonly<Record<string, unknown>>> {
  return jsonObject(await bodyText(context));
}

/** The JSON object that a body is; 400 for one that {@link wrongWithJson} finds something wrong with. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refuse(400, 'invalid_request', 'the body is not JSON');
  }
  if (!isRecord(body)) return refuse(400, 'invalid_request', 'the body is not a JSON object');
  const wrong = wrongWithJson(body);
  return wrong === undefined ? body : refuse(400, 'invalid_request', `the body ${wrong}`);
}

/** A member that must be a string with something in it. */
export function requiredText(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  return typeof value === 'string' && value !== ''
    ? value
    : refuse(400, 'invalid_request', `"${name}" must be a string that is not empty`);
}
