import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { HttpRefusal, refuse } from '../../http/dialect.js';

/** A week, as App Mesh has it. */
const LIFETIME_SECONDS = 604_800;
/** A year. */
const LONGEST_LIFETIME_SECONDS = 31_536_000;
const MOST_CREDENTIAL_CHARACTERS = 4096;

/** A name and a password. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/**
 * The name and password of an Authorization header: Basic (RFC 7617), or its base64 alone, as the curl line that App
 * Mesh documents sends it.
 */
export function credentials(context: Context): Credentials {
  const header = context.req.header('authorization')?.trim() ?? '';
  if (header === '') {
    const challenge = { 'WWW-Authenticate': 'Basic realm="App Mesh", charset="UTF-8"' };
    throw new HttpRefusal(401, 'unauthorized', 'No authentication provided', challenge);
  }
  const encoded = /^(?:basic +)?([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1] ?? '';
  const text = encoded.length > MOST_CREDENTIAL_CHARACTERS ? undefined : decoded(encoded);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 1) return refuse(400, 'invalid_request', 'unrecognized authorization type');
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decoded(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The address that a request comes from; empty where no server of Node's has received it. */
export function addressOf({ env }: Context): string {
  const { incoming } = (env ?? {}) as { readonly incoming?: IncomingMessage };
  return incoming?.socket.remoteAddress ?? '';
}

/** The token of a Bearer header (RFC 6750). */
export function bearerToken(context: Context): string {
  const header = context.req.header('authorization')?.trim() ?? '';
  const token = /^bearer +(\S+)$/i.exec(header)?.[1];
  if (token !== undefined) return token;
  const challenge = { 'WWW-Authenticate': 'Bearer realm="App Mesh"' };
  throw new HttpRefusal(401, 'unauthorized', 'No authentication token provided', challenge);
}

/** How long a token is to live, from a number or its digits; by default a week. */
export function lifetime(name: string, value: unknown, otherwise: number = LIFETIME_SECONDS): number {
  if (value === undefined || value === null) return otherwise;
  const seconds = typeof value === 'string' && /^[0-9]{1,9}$/.test(value.trim()) ? Number(value) : value;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0 && seconds <= LONGEST_LIFETIME_SECONDS) {
    return seconds;
  }
  const message = `${name} must be a whole number of seconds from 1 to ${LONGEST_LIFETIME_SECONDS}`;
  return refuse(400, 'invalid_request', message);
}

/** The audience that a request names, if it is one of those that are served. */
export function audienceOf(context: Context, audiences: readonly string[]): string | undefined {
  const audience = context.req.header('x-audience')?.trim();
  if (audience === undefined || audience === '' || audiences.includes(audience)) return audience || undefined;
  return refuse(400, 'invalid_request', `Audience <${audience}> verification failed`);
}
