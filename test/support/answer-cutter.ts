import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a server on loopback that loses an answer. */
export interface AnswerCutter {
  readonly address: string;
  /** What was asked for since the last call, in its order: `PUT /v1/acl/policy/*`, with `*` for an id. */
  asked(): string[];
  /** Loses the answer to the next request that is asked for so: the server has it, and the connection is cut. */
  cut(asked: string): void;
}

/** Forwards requests to a server, for the running test. */
export async function answerCutter(target: string): Promise<AnswerCutter> {
  const { hostname, port } = new URL(target);
  const seen: string[] = [];
  let next: string | undefined;
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const asked = `${method} ${path?.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '*')}`;
    seen.push(asked);
    const isCut = asked === next;
    if (isCut) next = undefined;
    const forwarded = httpRequest({ hostname, port, method, path, headers }, (answer) => {
      if (isCut) {
        answer.resume().once('end', () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => seen.splice(0),
    cut: (asked) => {
      next = asked;
    },
  };
}
