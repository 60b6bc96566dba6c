import type { Context } from 'hono';

/** The token of a request's `Authorization: Bearer` (RFC 6750, section 2.1); undefined without one. */
export function bearerToken({ req }: Context): string | undefined {
  return /^bearer +(\S+)$/i.exec(req.header('authorization')?.trim() ?? '')?.[1];
}
