import type { Context } from 'hono';
import type { z } from 'zod';
import { refuse } from './dialect.js';
import { jsonBody } from './json-body.js';

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
