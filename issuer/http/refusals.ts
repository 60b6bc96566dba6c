import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type ErrorCode, UsageError, VaultproofError } from '../../errors/index.js';

/** A refusal that a dialect words in its own form. */
export class HttpRefusal extends Error {
  readonly status: ContentfulStatusCode;
  /** A short word for the reason, as OAuth has it (RFC 6749, section 5.2). */
  readonly error: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: ContentfulStatusCode, error: string, description: string, headers: Record<string, string> = {}) {
    super(description);
    this.status = status;
    this.error = error;
    this.headers = headers;
  }

  /** Its form where no dialect words it: Hono calls this. */
  getResponse(): Response {
    return Response.json(asOAuth(this), {
      status: this.status,
      headers: { ...this.headers, 'Cache-Control': 'no-store' },
    });
  }
}

/** What an issuer hands to its dialects besides Node's request and response. */
export interface DialectEnv {
  /** Called with a line, without a secret, about a failure that the client is not told. Default: ignored. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** How a dialect words a refusal as JSON; default `{error, error_description}`. */
export type WordRefusal = (refusal: HttpRefusal) => object;

const asOAuth: WordRefusal = ({ error, message }) => ({ error, error_description: message });

/** As small services have it: one member with a sentence. */
export const asSentence: WordRefusal = ({ message }) => ({ error: message });

/**
 * An empty app for one dialect: every failure is JSON in the dialect's own form, without a stack and without anything
 * that was sent. What is no fault of the request's is 500 with a code: its message, which may name a file or a server, is
 * for {@link DialectEnv.warn}. Dialects share a server, so a dialect's routes name their whole path, and none is a wildcard.
 */
export function dialect(word: WordRefusal = asOAuth): Hono {
  const app = new Hono();
  app.onError((error, context) => {
    const refusal = error instanceof HttpRefusal ? error : unexpected(error, context);
    return context.json(word(refusal), refusal.status, { ...refusal.headers, 'Cache-Control': 'no-store' });
  });
  return app;
}

/** A route's methods: any other is refused with 405 and `Allow`. */
export function onlyMethod(...methods: readonly string[]): MiddlewareHandler {
  return async (context, next) => {
    if (methods.includes(context.req.method)) return next();
    const allow = methods.join(', ');
    throw new HttpRefusal(405, 'method_not_allowed', `this takes ${allow}`, { Allow: allow });
  };
}

/** A route's media type: a body of any other, or of none, is refused with 415. */
export function onlyType(type: string): MiddlewareHandler {
  return async (context, next) => {
    const [sent = ''] = (context.req.header('content-type') ?? '').split(';');
    if (sent.trim().toLowerCase() === type) return next();
    throw new HttpRefusal(415, 'unsupported_media_type', `the body's Content-Type must be ${type}`, { Accept: type });
  };
}

/** Throws a refusal, for use in an expression. */
export function refuse(status: ContentfulStatusCode, error: string, description: string): never {
  throw new HttpRefusal(status, error, description);
}

/** The codes whose messages are about the request and the issuer's public keys alone. */
const told: Readonly<Partial<Record<ErrorCode, 400 | 500>>> = { claims_too_large: 400, no_active_key: 500 };

function unexpected(error: Error, { req, env }: Context): HttpRefusal {
  if (error instanceof UsageError) return new HttpRefusal(400, 'invalid_request', error.message);
  const isOurs = error instanceof VaultproofError;
  const status = isOurs ? told[error.code] : undefined;
  if (isOurs && status) return new HttpRefusal(status, error.code, error.message);
  const code = isOurs ? error.code : 'server_error';
  // Whatever else fails may quote what was sent.
  const reason = isOurs ? error.message : error.name;
  (env as DialectEnv | undefined)?.warn?.(`${req.method} "${req.routePath}" was answered with 500: ${reason}`);
  return new HttpRefusal(500, code, isOurs ? `the issuer failed: ${code}` : 'the issuer failed');
}

/** The answer where nothing is. */
export function notFound(context: Context): Response {
  const body = { error: 'not_found', error_description: 'nothing is here' };
  return context.json(body, 404, { 'Cache-Control': 'no-store' });
}
