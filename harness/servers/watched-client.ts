import { setTimeout as delay } from 'node:timers/promises';
import { VaultproofError } from '../../errors/index.js';
import type { HttpClient } from '../../internal/http-client.js';
import type { ServerInstance } from '../engines/index.js';

/** A connection breaks a little before the news of its server's end arrives, and a busy Docker takes its time to tell. */
const NEWS_MS = 3_000;

/** A client and its server process: when a request gets no answer, the error says how the process ended. */
export interface WatchedServer {
  readonly product: string;
  readonly instance: Pick<ServerInstance, 'exited' | 'origin'>;
  readonly client: HttpClient;
  /** The end of the server's log. */
  logTail(): Promise<string>;
}

/**
 * A client whose requests fail with `server_stopped` once it is closed and with `server_exited`, and the end of the log,
 * once the server has ended by itself.
 */
export function watchedClient({ product, instance, client, logTail }: WatchedServer): HttpClient {
  let closed = false;
  const stopped = (): VaultproofError =>
    new VaultproofError('server_stopped', `"${product}" was stopped: start another one`, { details: { product } });
  return {
    address: client.address,
    product,
    request: async (method, path, request) => {
      if (closed) throw stopped();
      try {
        return await client.request(method, path, request);
      } catch (cause) {
        if (closed) throw stopped();
        const end = await endOf(instance);
        if (end === undefined) throw cause;
        throw new VaultproofError(
          'server_exited',
          `"${product}" ended with ${end} and can't answer ${method} "${path}". The end of its log:\n${await logTail()}`,
          { details: { product, origin: instance.origin, end, method, path }, cause },
        );
      }
    },
    close: () => {
      closed = true;
      client.close();
    },
  };
}

async function endOf({ exited }: WatchedServer['instance']): Promise<string | undefined> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    return await Promise.race([exited, delay(NEWS_MS, undefined, { signal }).catch(() => undefined)]);
  } finally {
    waiting.abort();
  }
}
