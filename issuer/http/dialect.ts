import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { VaultproofError } from '../../errors/index.js';

/** What a request body may have at most. */
const MAX_BODY_BYTES = 64 * 1024;

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
}

/** How a dialect words a refusal as JSON; default `{error, error_description}`. */
export type WordRefusal = (refusal: HttpRefusal) => object;

const asOAuth: WordRefusal = ({ error, message }) => ({ error, error_description: message });

/**
 * An empty app for one dialect: bodies up to 64 KiB (413), and every failure as JSON in the dialect's own form, without
 * a stack and without anything that was sent.
 */
export function dialect(word: WordRefusal = asOAuth): Hono {
  const app = new Hono();
  app.use(
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => refuse(413, 'request_too_large', 'the body is over 64 KiB') }),
  );
  app.onError((error, context) => {
    const refusal = error instanceof HttpRefusal ? error : unexpected(error);
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

/** Throws a refusal, for use in an expression. */
export function refuse(status: ContentfulStatusCode, error: string, description: string): never {
  throw new HttpRefusal(status, error, description);
}

function unexpected(error: Error): HttpRefusal {
  if (error instanceof TypeError) return new HttpRefusal(400, 'invalid_request', error.message);
  if (error instanceof VaultproofError) return new HttpRefusal(500, error.code, error.message);
  return new HttpRefusal(500, 'server_error', 'the issuer failed');
}
