import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';

/** A body with the headers that it is sent with. */
export interface Content {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers all at once. @param status default 200 */
export function send(outgoing: ServerResponse, { body, headers }: Content, status = 200): void {
  outgoing.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

/**
 * Answers with 200 past the framework: making and reading a Response of Node's costs more than all the rest of a request
 * does.
 * @param env what @hono/node-server hands to an app
 */
export function sendPast(env: unknown, content: Content): Response {
  send((env as { readonly outgoing: ServerResponse }).outgoing, content);
  return RESPONSE_ALREADY_SENT;
}
