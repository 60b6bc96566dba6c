import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { UnboundedAnswer } from '../../../internal/bounded-answer.js';

/** How long an answer may take, in milliseconds; without a limit where neither is given. */
export interface SendLimits {
  /** Until its head, and between two pieces of it. */
  readonly silenceMs?: number;
  /** Until its last byte. */
  readonly totalMs?: number;
}

/** An engine that is busy or hangs counts as absent after this long. */
export const ANSWER: SendLimits = { silenceMs: 2_000, totalMs: 5_000 };

/** Sends a request without a body to the Docker API, and resolves once the answer's head is there. */
export function send(
  host: RequestOptions,
  method: string,
  path: string,
  { silenceMs, totalMs }: SendLimits,
  prepare: (request: ClientRequest) => void = () => {},
): Promise<IncomingMessage> {
  const requestOf = host.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = requestOf({ ...host, method, path, agent: false, ...(silenceMs ? { timeout: silenceMs } : {}) });
    let answer: IncomingMessage | undefined;
    if (totalMs !== undefined) {
      const giveUp = (): void => {
        (answer ?? request).destroy(new UnboundedAnswer(`it was not complete after ${totalMs} ms`));
      };
      const timer = setTimeout(giveUp, totalMs).unref();
      request.on('close', () => clearTimeout(timer));
    }
    request.on('response', (incoming) => {
      answer = incoming;
      resolve(incoming);
    });
    request.on('error', reject);
    // An upgrade to another protocol ends without an error.
    request.on('close', () => reject(new Error('the connection was closed')));
    request.on('timeout', () => request.destroy(new Error(`no answer within ${silenceMs} ms`)));
    prepare(request);
    request.end();
  });
}

/** The `message` of an error's body, or the body. */
export function messageIn(body: string): string {
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1]?.replaceAll('\\"', '"') ?? body.trim();
}
