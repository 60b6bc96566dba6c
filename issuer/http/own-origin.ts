import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { RouterRoute } from 'hono/types';
import { refuse } from './refusals.js';

const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Whether a host's name, in lower case and without a port, is this machine's own.
 *
 * @example
 * isLocalName('localhost'); // true
 */
export function isLocalName(name: string): boolean {
  return LOCAL_NAMES.includes(name);
}

/**
 * Keeps web pages away from what mints tokens: a request must name this server as its Host, so that a name that was
 * made to point here (DNS rebinding) is of no use, and must not come from another site. The refusal is 403.
 * @param allowedHosts further names, with their ports, that this server goes by
 * @see https://fetch.spec.whatwg.org/#origin-header and https://www.w3.org/TR/fetch-metadata/
 */
export function ownOriginOnly(allowedHosts: readonly string[] = []): MiddlewareHandler {
  return async (context, next) => {
    refuseForeign(context, allowedHosts);
    return next();
  };
}

/** Puts {@link ownOriginOnly} before every route of a dialect, inside it, so that the refusal is in the dialect's words. */
export function behindOwnOrigin(app: Hono): Hono {
  const guarded = ({ handler, ...route }: RouterRoute): RouterRoute => ({
    ...route,
    handler: (context: Context, next: Parameters<typeof handler>[1]) => {
      refuseForeign(context, []);
      return handler(context, next);
    },
  });
  app.routes = app.routes.map(guarded);
  return app;
}

function refuseForeign(context: Context, allowedHosts: readonly string[]): void {
  const host = (context.req.header('host') ?? '').toLowerCase();
  const name = host.replace(/:\d+$/, '');
  if (!isLocalName(name) && !allowedHosts.includes(host)) {
    refuse(403, 'forbidden', 'this server does not use that Host');
  }
  const origin = context.req.header('origin');
  const site = context.req.header('sec-fetch-site') ?? 'none';
  const foreign = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
  if (foreign || (site !== 'none' && site !== 'same-origin')) {
    refuse(403, 'forbidden', 'requests from other sites are refused');
  }
}
