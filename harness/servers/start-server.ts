import { setTimeout as delay } from 'node:timers/promises';
import { VaultproofError } from '../../errors/index.js';
import { type HttpClient, httpClient } from '../api/http-client.js';
import type { Engine, ServerCommand, ServerInstance } from '../engines/index.js';
import { logTail } from './log-tail.js';
import { watchedClient } from './watched-client.js';

const POLL_MS = 8;
const ATTEMPTS = 3;
const PORT_TAKEN = /address already in use|failed to listen|bind: permission denied/i;

/** What starting a server takes besides its command. */
export interface StartRequest {
  readonly engine: Engine;
  readonly command: ServerCommand;
  /** How long the server may take until it is ready, in milliseconds. */
  readonly timeoutMs: number;
  /** Asks the server once. Ready is `true`; anything else says what it answered, for the message of a timeout. */
  readonly isReady: (client: HttpClient) => Promise<true | string>;
}

/** A server that is ready, and a client of its API that tells when the server has gone. */
export interface ReadyServer {
  readonly instance: ServerInstance;
  readonly client: HttpClient;
  /** The end of the server's log, 20 lines unless told, without secrets. */
  logTail(lines?: number): Promise<string>;
}

/**
 * Starts a server and waits until it is ready; a port lost to another program is tried again on other ports.
 * @throws VaultproofError `port_in_use`, `server_exited`, or `server_not_ready` after the time-out, each with the end
 * of the server's log; whatever was started is gone by then
 */
export async function startServer(request: StartRequest): Promise<ReadyServer> {
  for (let attempt = 1; ; attempt++) {
    const instance = await request.engine.start(request.command);
    const client = httpClient(instance.address);
    const tail = async (lines?: number): Promise<string> =>
      logTail(await instance.log(), request.command.secrets, lines);
    try {
      await untilReady(request, instance, client, tail);
      const { product } = request.command;
      return { instance, client: watchedClient({ product, instance, client, logTail: tail }), logTail: tail };
    } catch (error) {
      const log = await instance.log().catch(() => '');
      client.close();
      await instance.stop();
      if (!PORT_TAKEN.test(log) || !(error instanceof VaultproofError) || error.code !== 'server_exited') throw error;
      const { fixedPort } = request.command;
      if (attempt < ATTEMPTS && fixedPort === undefined) continue;
      throw new VaultproofError(
        'port_in_use',
        `a port of "${request.command.product}" is taken: ${logTail(log, request.command.secrets)}`,
        {
          details: { port: fixedPort },
          cause: error,
        },
      );
    }
  }
}

async function untilReady(
  request: StartRequest,
  instance: ServerInstance,
  client: HttpClient,
  tail: ReadyServer['logTail'],
): Promise<void> {
  const { product } = request.command;
  const deadline = Date.now() + request.timeoutMs;
  let end: string | undefined;
  void instance.exited.then((how) => {
    end = how;
  });
  for (let last = 'nothing'; ; ) {
    const answer = await request.isReady(client).catch((error: unknown) => {
      if (error instanceof VaultproofError && error.code === 'request_failed') return 'no connection';
      throw error;
    });
    if (answer === true && Date.now() < deadline) return;
    last = answer === true ? 'ready, but too late' : answer;
    if (end !== undefined) {
      throw new VaultproofError(
        'server_exited',
        `"${product}" ended with ${end} before it was ready. The end of its log:\n${await tail()}`,
        { details: { product, origin: instance.origin, end } },
      );
    }
    if (Date.now() >= deadline) {
      throw new VaultproofError(
        'server_not_ready',
        `"${product}" was not ready after ${request.timeoutMs} ms, its last answer was: ${last}. ` +
          `The end of its log:\n${await tail()}`,
        { details: { product, origin: instance.origin, timeoutMs: request.timeoutMs, last } },
      );
    }
    await delay(POLL_MS);
  }
}
