import type { Context } from 'hono';

/** The answer where nothing is. */
export function notFound(context: Context): Response {
  const body = { error: 'not_found', error_description: 'nothing is here' };
  return context.json(body, 404, { 'Cache-Control': 'no-store' });
}
