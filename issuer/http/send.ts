import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';

/**
 * Answers with 200, past the framework: making and reading a Response of Node's costs more than all the rest of a
 * request does.
 * @param env what @hono/node-server hands to an app
 */
export function send(env: unknown, body: string, headers: Readonly<Record<string, string>>): Response {
  const { outgoing } = env as { readonly outgoing: ServerResponse };
  outgoing.writeHead(200, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
  return RESPONSE_ALREADY_SENT;
}
