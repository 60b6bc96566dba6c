import { readFile } from 'node:fs/promises';
import type { MiddlewareHandler } from 'hono';
import type { JWK } from 'jose';
import type { Clock } from '../clock.js';
import { DISCOVERY_PATH, JWKS_PATH } from '../endpoints/public-documents.js';
import { dialect, onlyMethod, onlyType, refuse } from '../http/refusals.js';
import { jsonBody, requiredText } from '../http/request-body.js';
import type { Issuer } from '../issuer.js';
import type { KeyState, KeyTimes } from '../keys/key-ring.js';
import type { Dialect } from '../start-issuer.js';

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
  'login-panel.js': SCRIPT,
  'preset-fields.js': SCRIPT,
  'role-check.js': SCRIPT,
  'role-panel.js': SCRIPT,
  'shell.js': SCRIPT,
  'sign-request.js': SCRIPT,
  'state.js': SCRIPT,
  'times.js': SCRIPT,
  'vault-commands.js': SCRIPT,
  'verify.js': SCRIPT,
} as const;

/** A login that the page asks for. */
export interface PageLoginRequest {
  readonly server: 'vault' | 'consul';
  /** A role of Vault's, or an auth method of Consul's. */
  readonly name: string;
  readonly jwt: string;
}

/** How it ended. Nothing of it is a secret: of a session that was opened neither the token nor its accessor. */
export type PageLoginOutcome =
  | { readonly accepted: true; readonly grants: readonly string[] }
  | { readonly accepted: false; readonly code: string; readonly message: string };

/** Servers that the page can log in at. */
export interface PageLogins {
  /** The role and the auth method that the form begins with. */
  readonly names: Readonly<Record<PageLoginRequest['server'], string>>;
  /** Logs in, and ends the session at once. It runs in the issuer's process. */
  readonly logIn: (request: PageLoginRequest) => Promise<PageLoginOutcome>;
}

/** What the page has besides the issuer. */
export interface PageOptions {
  /** Logs in for the page, at `POST /page/login`; default the page has no logins, and there is no such path. */
  readonly logins?: PageLogins | undefined;
}

/**
 * A page for people at `GET /`: the issuer's keys, a form that mints by way of `POST /sign` (so it goes with
 * {@link signDialect}), a debugger that verifies a pasted token in the browser, and commands to copy. Its files are below
 * `/page/`; `GET /page/state` is what it shows, and `GET /page/hostile-tokens` and `GET /page/presets` what the form offers. All of
 * it is public, and none of it is cached.
 * @see https://www.w3.org/TR/CSP3/ for the policy that it is served with
 * @example
 * await using issuer = await startIssuer({ dialects: [pageDialect(), signDialect()] });
 */
export function pageDialect({ logins }: PageOptions = {}): Dialect {
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
    app.all('/page/state', guarded, get, (context) =>
      context.json({ ...pageState(issuer), logins: logins?.names ?? null }),
    );
    app.all('/page/hostile-tokens', guarded, get, async (context) => {
      const { hostileGroups } = await import('../hostile/catalogue.js');
      const offered = Object.entries(hostileGroups).flatMap(([group, tokens]) =>
        tokens.map(({ name, breaks, rfc, vault }) => ({ group, name, breaks, rfc, vault })),
      );
      return context.json(offered);
    });
    app.all('/page/presets', guarded, get, async (context) => {
      const { pagePresets } = await import('./page-presets.js');
      return context.json(Object.entries(pagePresets).map(([name, { title, fields }]) => ({ name, title, fields })));
    });
    app.all('/page/presets/:name', guarded, get, async (context) => {
      const { fillPreset, pagePresets } = await import('./page-presets.js');
      const name = context.req.param('name');
      const preset = Object.hasOwn(pagePresets, name) ? pagePresets[name] : undefined;
      if (!preset) return refuse(404, 'not_found', 'there is no preset of this name');
      return context.json(fillPreset(preset, context.req.query(), issuer));
    });
    if (logins) {
      app.all('/page/login', guarded, onlyMethod('POST'), onlyType('application/json'), async (context) => {
        const body = await jsonBody(context);
        const { server } = body;
        if (server !== 'vault' && server !== 'consul') {
          return refuse(400, 'invalid_request', '"server" must be "vault" or "consul"');
        }
        const request = { server, name: requiredText(body, 'name'), jwt: requiredText(body, 'jwt') } as const;
        return context.json(await logins.logIn(request));
      });
    }
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

/** What the page shows of an issuer: public facts only. */
interface PageState {
  /** The issuer's URL. */
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly discoveryUrl: string;
  /** Its time, in seconds since 1970, and how far that is from the system's, in seconds. */
  readonly clock: { readonly now: number; readonly movedBy: number };
  /** Every key of the issuer, in the order in which they were added. */
  readonly keys: readonly PageKey[];
}

/** A key as the page shows it; times are seconds since 1970. */
interface PageKey extends KeyTimes {
  readonly kid: string;
  readonly alg: string;
  readonly state: KeyState;
  /** The public key; there while it is in the key set. */
  readonly jwk?: Readonly<JWK>;
}

/** The members of a public key (RFC 7518, section 6; RFC 8037, section 2). Whatever else a key brings stays here. */
const publicMembers = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'use', 'alg'] as const;

/** Takes down an issuer's state. */
function pageState({ url, clock, keys }: Issuer): PageState {
  return {
    issuer: url,
    jwksUrl: `${url}${JWKS_PATH}`,
    discoveryUrl: `${url}${DISCOVERY_PATH}`,
    clock: readClock(clock),
    keys: keys.list().map(({ key: { kid, alg, publicJwk }, state, ...times }) => ({
      kid,
      alg,
      state,
      ...times,
      ...(state === 'added' || state === 'retired' ? {} : { jwk: publicHalf(publicJwk) }),
    })),
  };
}

/** Both times within one second of the system's, so that their difference is not one off. */
function readClock(clock: Clock): PageState['clock'] {
  for (;;) {
    const system = Math.floor(Date.now() / 1000);
    const now = clock.now();
    if (Math.floor(Date.now() / 1000) === system) return { now, movedBy: now - system };
  }
}

function publicHalf(jwk: Readonly<JWK>): JWK {
  return Object.fromEntries(publicMembers.flatMap((name) => (jwk[name] === undefined ? [] : [[name, jwk[name]]])));
}
