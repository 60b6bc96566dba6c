import { Agent, request } from 'node:http';
import type { Send } from './vault-http.js';

/** Requests by node:http with connections that are kept: faster than fetch, and the least that one can write. */
export function nodeHttpTo(
  address: string,
  token: string,
): { send: Send; sendAs(other: string): Send; close: () => void } {
  const agent = new Agent({ keepAlive: true });
  const { hostname: host, port } = new URL(address);
  const sendAs =
    (sender: string): Send =>
    (method, path, json) =>
      new Promise((resolve, reject) => {
        const body = json === undefined ? undefined : JSON.stringify(json);
        const headers = {
          'x-vault-token': sender,
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        };
        const outgoing = request({ agent, host, port, method, path: `/v1/${path}`, headers }, (incoming) => {
          let text = '';
          incoming.setEncoding('utf8');
          incoming.on('data', (chunk: string) => {
            text += chunk;
          });
          incoming.on('end', () => {
            if ((incoming.statusCode ?? 0) >= 400) {
              return reject(new Error(`vault answered ${method} "${path}" with ${incoming.statusCode}`));
            }
            return resolve(text === '' ? undefined : JSON.parse(text));
          });
        });
        outgoing.on('error', reject);
        outgoing.end(body);
      });
  return { send: sendAs(token), sendAs, close: () => agent.destroy() };
}
