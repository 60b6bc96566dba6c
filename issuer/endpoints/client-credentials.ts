import type { Context } from 'hono';
import { HttpRefusal, refuse } from '../http/refusals.js';

/** What a request says about its client. */
export interface ClientCredentials {
  readonly id: string;
  readonly secret: string | undefined;
}

/** Refuses a request with 401, in the words of RFC 6749, section 5.2. */
export function invalidClient(description: string): never {
  throw new HttpRefusal(401, 'invalid_client', description, { 'WWW-Authenticate': 'Basic realm="token"' });
}

/**
 * What a request says about its client, by HTTP Basic or by `client_id` and `client_secret` in the form.
 * @returns undefined when it names none
 * @throws HttpRefusal for a request that names two, or that is not HTTP Basic
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export function clientCredentials(context: Context, form: URLSearchParams): ClientCredentials | undefined {
  const header = context.req.header('authorization');
  const id = form.get('client_id');
  const secret = form.get('client_secret');
  if (header === undefined) return id === null ? undefined : { id, secret: secret ?? undefined };
  const basic = readBasic(header) ?? invalidClient('the Authorization header is not HTTP Basic');
  if (secret !== null) refuse(400, 'invalid_request', 'a client authenticates once: by HTTP Basic or in the form');
  if (id !== null && id !== basic.id) refuse(400, 'invalid_request', 'client_id and HTTP Basic name two clients');
  return basic;
}

/**
 * Id and secret are form-encoded inside (RFC 6749, section 2.3.1).
 * @throws HttpRefusal 401 `invalid_client` for a "%" that begins no escape
 */
function readBasic(header: string): { id: string; secret: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i.exec(header) ?? [];
  const pair = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 1) return undefined;
  const decode = (text: string): string => {
    try {
      return decodeURIComponent(text.replaceAll('+', ' '));
    } catch {
      return invalidClient(
        'a "%" in HTTP Basic is not the beginning of an escape: form-encode the id and the secret, "%" as "%25"',
      );
    }
  };
  return { id: decode(pair.slice(0, colon)), secret: decode(pair.slice(colon + 1)) };
}
