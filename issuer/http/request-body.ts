import type { Context } from 'hono';
import type { z } from 'zod';
import { isRecord, wrongWithJson } from '../../internal/json.js';
import { refuse } from './refusals.js';

/** What a request body may have at most. */
const MAX_BODY_BYTES = 64 * 1024;

/** A request's body as text: 413 over 64 KiB, whether it says its length or not; 400 when it is cut off. */
export async function bodyText(context: Context): Promise<string> {
  const length = context.req.header('content-length');
  if (Number(length ?? 0) > MAX_BODY_BYTES) tooLarge();
  try {
    // Node reads no more of a body than it says it has.
    if (length !== undefined) return await context.req.text();
  } catch {
    return cutOff();
  }
  return textOf(context.req.raw.body ?? []);
}

async function textOf(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    return cutOff();
  }
  return size > MAX_BODY_BYTES ? tooLarge() : Buffer.concat(chunks).toString('utf8');
}

function tooLarge(): never {
  return refuse(413, 'request_too_large', 'the body is over 64 KiB');
}

function cutOff(): never {
  return refuse(400, 'invalid_request', 'the body was cut off');
}

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

/** The body as a JSON object of a shape; what doesn't fit is refused with 400 and where it is, without its value. */
export async function checkedBody<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  return checkedObject(await jsonBody(context), schema);
}

/** A JSON object of a shape; what doesn't fit is refused as {@link checkedBody} does. */
export function checkedObject<Schema extends z.ZodType>(
  body: Readonly<Record<string, unknown>>,
  schema: Schema,
): z.output<Schema> {
  const checked = schema.safeParse(body);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `"${path.join('.')}": ${message}`,
  );
  return refuse(400, 'invalid_request', problems.join('; '));
}

/**
 * The body as a form's parameters, each of them once; those without a value count as left out.
 * @param repeatable the parameters that may be there more than once
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.2
 */
export async function formBody(context: Context, repeatable: readonly string[] = []): Promise<URLSearchParams> {
  const form = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(await bodyText(context))) {
    if (value === '') continue;
    if (form.has(name) && !repeatable.includes(name)) {
      refuse(400, 'invalid_request', 'a parameter is repeated');
    }
    form.append(name, value);
  }
  return form;
}
