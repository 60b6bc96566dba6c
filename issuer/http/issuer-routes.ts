import { Hono } from 'hono';
import { once } from '../../internal/once.js';
import { type DialectEnv, notFound } from './refusals.js';

/** Routes of the issuers of one server. */
export interface IssuerRoutes extends Pick<Hono, 'fetch'> {
  /**
   * Adds those of one more issuer.
   * @param path of its URL, empty for the server's own
   * @param make called for the first request
   */
  add(path: string, make: () => Hono[]): void;
}

/** No routes yet; anything is answered with 404. */
export function issuerRoutes(warn: DialectEnv['warn']): IssuerRoutes {
  const all: { readonly path: string; readonly apps: () => Hono[] }[] = [];
  // Hono takes no more routes once it has answered a request.
  let made: Hono | undefined;
  const make = (): Hono => {
    const routes = new Hono().notFound(notFound);
    for (const { path, apps } of all) for (const app of apps()) routes.route(path, app);
    return routes;
  };
  return {
    add: (path, apps) => {
      all.push({ path: path || '/', apps: once(apps) });
      made = undefined;
    },
    fetch: (request, env) => {
      made ??= make();
      return made.fetch(request, { ...(env as object), warn });
    },
  };
}
