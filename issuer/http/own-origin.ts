import type { MiddlewareHandler } from 'hono';

const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Keeps web pages away from what mints tokens: a request must name this server as its Host, so that a name that was
 * made to point here (DNS rebinding) is of no use, and must not come from another site. The refusal is 403.
 * @param allowedHosts further names, with their ports, that this server goes by
 * @see https://fetch.spec.whatwg.org/#origin-header and https://www.w3.org/TR/fetch-metadata/
 */
export function ownOriginOnly(allowedHosts: readonly string[] = []): MiddlewareHandler {
  return async (context, next) => {
    const refused = (error_description: string): Response =>
      context.json({ error: 'forbidden', error_description }, 403, { 'Cache-Control': 'no-store' });
    const host = (context.req.header('host') ?? '').toLowerCase();
    const name = host.replace(/:\d+$/, '');
    if (!LOCAL_NAMES.includes(name) && !allowedHosts.includes(host)) {
      return refused('this server does not go by that Host');
    }
    const origin = context.req.header('origin');
    const site = context.req.header('sec-fetch-site') ?? 'none';
    const foreign = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
    if (foreign || (site !== 'none' && site !== 'same-origin')) return refused('requests from other sites are refused');
    return next();
  };
}
