import { randomBytes } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { UsageError } from '../../errors/index.js';
import { hasDigest, sha256 } from '../../internal/digest.js';
import { refuseUnknownOptions } from '../../internal/known-options.js';
import { printedAs } from '../../internal/printable.js';
import { bearerToken } from '../http/authorization.js';
import { dialect, HttpRefusal } from '../http/refusals.js';
import type { Administer, AdminSubject } from './admin.js';

/** How the admin API is opened. */
export interface AdminOptions {
  /** Who has it may do everything: 32 characters or more of A-Z a-z 0-9 - . _ ~ + /; default a fresh random one. */
  readonly token?: string | undefined;
}

/** How the admin API of an issuer is called. */
export interface AdminAccess {
  /** Its paths come behind this, without a slash at the end; `/openapi.json` describes them. */
  readonly url: string;
  /** For `Authorization: Bearer`; one for all issuers of a server. A secret. */
  readonly token: string;
}

/** Where the API is, behind an issuer's URL. */
export const ADMIN_PATH = '/admin';
const DOCUMENT_PATH = '/openapi.json';
const TOKEN_BYTES = 32;

/** The characters that a header carries as they are (RFC 6750, section 2.1). */
const TOKEN = /^[A-Za-z0-9._~+/-]{32,}=*$/;

/**
 * The token of the admin API; undefined where there is none.
 * @throws TypeError for one that is too short or that no header can carry
 */
export function adminToken(option: boolean | AdminOptions | undefined): string | undefined {
  if (option === undefined || option === false) return undefined;
  const given = option === true ? {} : option;
  refuseUnknownOptions('"admin" of startIssuer', given, { token: true });
  const { token = randomBytes(TOKEN_BYTES).toString('base64url') } = given;
  if (typeof token === 'string' && TOKEN.test(token)) return token;
  throw new UsageError('the admin token must be 32 characters or more of A-Z a-z 0-9 - . _ ~ + /');
}

/** The way in, which prints without its token. */
export function adminAccess(url: string, token: string): AdminAccess {
  return printedAs({ url, token }, () => `AdminAccess(${url})`, ['token']);
}

/** The admin API of an issuer, for callers with the token; its OpenAPI document is public. */
export function adminRoutes(subject: AdminSubject, { url, token }: AdminAccess): Hono {
  const app = dialect();
  const base = new URL(url).pathname;
  const wanted = sha256(token);
  let administering: Promise<Administer> | undefined;
  app.all(`${ADMIN_PATH}/*`, async (context) => {
    const path = new URL(context.req.url).pathname.slice(base.length);
    if (path !== DOCUMENT_PATH && !hasDigest(bearerToken(context) ?? '', wanted)) throw unauthorized(context);
    // It brings zod, which an issuer that is never asked for this needn't load.
    administering ??= import('./admin.js').then(({ administer }) => administer(subject, url));
    return (await administering)(context, path);
  });
  return app;
}

function unauthorized(context: Context): HttpRefusal {
  const wrong = context.req.header('authorization') === undefined ? '' : ', error="invalid_token"';
  return new HttpRefusal(401, 'invalid_token', 'the admin token is missing or wrong', {
    'WWW-Authenticate': `Bearer realm="admin"${wrong}`,
  });
}
