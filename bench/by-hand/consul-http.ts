import { Agent, request } from 'node:http';

/** A login of a Consul's: what it is sent, in the order in which it is sent. */
export interface ConsulLoginBody {
  readonly AuthMethod: string;
  readonly BearerToken: string;
}

/** Logs in with one request, and returns the token. */
export type ConsulLoginByHand = (body: ConsulLoginBody) => Promise<string>;

const PATH = '/v1/acl/login';
const HEADERS = { 'content-type': 'application/json' };

/** Logins by the global fetch, whose connections are kept. */
export function consulLoginByFetch(address: string): ConsulLoginByHand {
  return async (body) => {
    const response = await fetch(`${address}${PATH}`, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`consul answered a login with ${response.status}: ${await response.text()}`);
    const { SecretID } = (await response.json()) as { SecretID: string };
    return SecretID;
  };
}

/** The same by node:http with connections that are kept: faster than fetch, and the least that one can write. */
export function consulLoginByNodeHttp(address: string): { login: ConsulLoginByHand; close: () => void } {
  const agent = new Agent({ keepAlive: true });
  const { hostname: host, port } = new URL(address);
  const login: ConsulLoginByHand = (body) =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const headers = { ...HEADERS, 'content-length': Buffer.byteLength(text) };
      const outgoing = request({ agent, host, port, method: 'POST', path: PATH, headers }, (incoming) => {
        let answer = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          answer += chunk;
        });
        incoming.on('end', () => {
          if (incoming.statusCode !== 200) {
            return reject(new Error(`consul answered a login with ${incoming.statusCode}: ${answer}`));
          }
          return resolve((JSON.parse(answer) as { SecretID: string }).SecretID);
        });
      });
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  return { login, close: () => agent.destroy() };
}
