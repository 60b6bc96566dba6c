import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Sends a request without a body to the Docker API, and resolves once the answer's head is there. */
export function send(
  host: RequestOptions,
  method: string,
  path: string,
  timeoutMs?: number,
  prepare: (request: ClientRequest) => void = () => {},
): Promise<IncomingMessage> {
  const requestOf = host.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = requestOf({ ...host, method, path, agent: false, ...(timeoutMs ? { timeout: timeoutMs } : {}) });
    request.on('response', resolve);
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    prepare(request);
    request.end();
  });
}

/** The whole body of an answer. */
export async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The `message` of an error's body, or the body. */
export function messageIn(body: string): string {
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1]?.replaceAll('\\"', '"') ?? body.trim();
}
