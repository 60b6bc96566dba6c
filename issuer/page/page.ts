import { readFile } from 'node:fs/promises';
import type { MiddlewareHandler } from 'hono';
import { dialect, onlyMethod } from '../http/dialect.js';
import type { Dialect } from '../start-issuer.js';
import { pageState } from './page-state.js';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** Everything in static/ besides index.html, and nothing else, by its media type. */
const files = {
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'main.js': SCRIPT,
  'algorithms.js': SCRIPT,
  'checks.js': SCRIPT,
  'commands.js': SCRIPT,
  'commands-panel.js': SCRIPT,
  'consul-commands.js': SCRIPT,
  'debugger-panel.js': SCRIPT,
  'dom.js': SCRIPT,
  'hints.js': SCRIPT,
  'issuer-panel.js': SCRIPT,
  'jwt.js': SCRIPT,
  'mint-panel.js': SCRIPT,
  'pasted-keys.js': SCRIPT,
  'shell.js': SCRIPT,
  'sign-request.js': SCRIPT,
  'state.js': SCRIPT,
  'times.js': SCRIPT,
  'vault-commands.js': SCRIPT,
  'verify.js': SCRIPT,
} as const;

/**
 * A page for people at `GET /`: the issuer's keys, a form that mints by way of `POST /sign` (so it goes with
 * {@link signDialect}), a debugger that verifies a pasted token in the browser, and commands to copy. Its files are below
 * `/page/`; `GET /page/state` is what it shows, and `GET /page/hostile-tokens` the names that the form offers. All of it
 * is public, and none of it is cached.
 * @see https://www.w3.org/TR/CSP3/ for the policy that it is served with
 * @example
 * await using issuer = await startIssuer({ dialects: [pageDialect(), signDialect()] });
 */
export function pageDialect(): Dialect {
  return (issuer) => {
    const app = dialect();
    const get = onlyMethod('GET', 'HEAD');
    const index: MiddlewareHandler = async (context) => {
      // The page's own URLs are relative: below a path they need the slash at its end.
      const { path } = context.req;
      if (!path.endsWith('/')) return context.redirect(`${path}/`, 308);
      return context.body(await read('index.html'), 200, { 'Content-Type': HTML });
    };
    app.all('/', guarded, get, index);
    // An issuer's own path with a slash behind it.
    app.all('/:end{$}', guarded, get, index);
    for (const [name, type] of Object.entries(files)) {
      app.all(`/page/${name}`, guarded, get, async (context) =>
        context.body(await read(name), 200, { 'Content-Type': type }),
      );
    }
    app.all('/page/state', guarded, get, (context) => context.json(pageState(issuer)));
    app.all('/page/hostile-tokens', guarded, get, async (context) => {
      const { hostileTokens } = await import('../hostile/catalogue.js');
      return context.json(hostileTokens.map(({ name, breaks, rfc, vault }) => ({ name, breaks, rfc, vault })));
    });
    return app;
  };
}

/** The headers of every answer, a refusal included. */
const guarded: MiddlewareHandler = async (context, next) => {
  context.header('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  context.header('X-Content-Type-Options', 'nosniff');
  context.header('Referrer-Policy', 'no-referrer');
  context.header('Cross-Origin-Resource-Policy', 'same-origin');
  context.header('Cache-Control', 'no-store');
  await next();
};

function read(name: string): Promise<string> {
  return readFile(new URL(`static/${name}`, import.meta.url), 'utf8');
}
