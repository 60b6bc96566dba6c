import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** The most that is read of an answer's body where no less is meant, in bytes. JSON of that size takes some 200 MB at most. */
export const MOST_BYTES = 8 * 2 ** 20;

/** What an answer is held to. */
export interface AnswerLimits {
  /** How long the server may be silent, in milliseconds. */
  readonly timeoutMs: number;
  /** The longest body, in bytes; default {@link MOST_BYTES}. */
  readonly maxBytes?: number | undefined;
  /** From now to the answer's last byte, in milliseconds. */
  readonly totalMs: number;
}

/** An answer that is there as a whole. */
export interface BoundedAnswer {
  readonly incoming: IncomingMessage;
  readonly bytes: Buffer;
}

/** An answer that began, and was given up because it does not end in time or is too long. */
export class UnboundedAnswer extends Error {}

/** An answer that is given up because it is too long. */
export class AnswerTooLong extends UnboundedAnswer {}

/**
 * The whole answer to a request, however it comes in: a body that never ends, or comes a byte at a time, ends the request.
 * It does not keep the process alive, which the request does. Call it before the request is sent.
 * @throws UnboundedAnswer
 * @throws Error what the request or the answer fails with, or that the server says nothing
 */
export function boundedAnswer(
  outgoing: ClientRequest,
  { maxBytes = MOST_BYTES, timeoutMs, totalMs }: AnswerLimits,
): Promise<BoundedAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      clearTimeout(timer);
      reject(cause);
      outgoing.destroy(cause);
    };
    let answered = false;
    const timer = setTimeout(() => {
      fail(
        answered
          ? new UnboundedAnswer(`it was not complete after ${totalMs / 1000} s`)
          : silence(outgoing.socket, totalMs),
      );
    }, totalMs).unref();
    outgoing.setTimeout(timeoutMs, () => fail(silence(outgoing.socket, timeoutMs)));
    outgoing.on('error', fail);
    outgoing.on('close', () => {
      if (!answered) fail(new Error('the connection was closed'));
    });
    outgoing.on('response', (incoming) => {
      answered = true;
      readWhole(incoming, maxBytes).then((bytes) => {
        clearTimeout(timer);
        resolve({ incoming, bytes });
      }, fail);
    });
  });
}

/**
 * The error for a server that says nothing, with what it most likely is.
 * @param ms how long it was waited for
 */
function silence(socket: Pick<Socket, 'connecting'> | null, ms: number): Error {
  const time = `${ms / 1000} s`;
  if (socket === null || socket.connecting) return new Error(`timed out, it took no connection within ${time}`);
  return new Error(
    `timed out, the server accepts connections and does not answer, no byte came for ${time}; see whether it is stopped, overloaded, or waits for something itself`,
  );
}

/**
 * The whole body of an answer.
 * @throws AnswerTooLong when it is longer than `maxBytes`; the rest is not read
 */
export function readWhole(incoming: IncomingMessage, maxBytes = MOST_BYTES): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else {
        const cause = new AnswerTooLong(`it is longer than ${maxBytes.toLocaleString('en')} bytes`);
        reject(cause);
        incoming.destroy(cause);
      }
    });
    incoming.on('error', reject);
    incoming.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
  });
}
