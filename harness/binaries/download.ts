import { VaultproofError } from '../../errors/index.js';
import { downloadProxies } from './settings.js';

/** A URL, and what the user can do where it can't be reached, for messages. */
export interface Remote {
  readonly signal: AbortSignal | undefined;
  /** Name of the variable that names a mirror: "VAULTPROOF_RELEASES_URL". */
  readonly mirrorVariable: string;
}

/** How long a silent or a slow server is waited for. */
export interface Timeouts {
  /** Until the connection stands, in milliseconds. */
  readonly connectMs: number;
  /** Until the answer begins, and between two pieces of it, in milliseconds. */
  readonly idleMs: number;
  /** After which it must have come at {@link SLOWEST} bytes a second on average, in milliseconds. */
  readonly graceMs: number;
}

/** Bytes a second below which a download is given up: an executable of 150 MB takes 40 minutes. */
const SLOWEST = 64 * 1024;

/** 5 s to connect, 20 s without a byte, and slow for a minute. */
export const defaultTimeouts: Timeouts = { connectMs: 5_000, idleMs: 20_000, graceMs: 60_000 };

/** The body of a 200. */
export interface Download {
  /** Bytes announced by Content-Length, where it was. */
  readonly length: number | undefined;
  /** The body as it comes in. Ends early with `download_failed` when it is cut off, falls silent or is too slow. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A client for one release; dispose of it to close its connections. */
export interface HttpClient extends AsyncDisposable {
  /**
   * Opens `url`, following redirects.
   *
   * @throws VaultproofError `download_failed`, with the `status` of any answer but 200 in its details
   */
  get(url: string): Promise<Download>;
  /** The whole body of `url`, `limit` bytes at most; throws as {@link HttpClient.get} does. */
  getWhole(url: string, limit: number): Promise<Uint8Array>;
}

/**
 * A client that goes through HTTPS_PROXY, HTTP_PROXY and NO_PROXY as other tools do.
 *
 * @throws VaultproofError `download_failed` when a proxy's URL is malformed
 */
export async function openHttpClient(timeouts: Timeouts, { signal, mirrorVariable }: Remote): Promise<HttpClient> {
  const { EnvHttpProxyAgent, fetch } = await import('undici');
  const connect = { timeout: timeouts.connectMs };
  const dispatcher = openDispatcher(() => {
    // Our own timer covers what these two would, and the wait for a proxy's CONNECT too.
    return new EnvHttpProxyAgent({
      ...downloadProxies(),
      connect,
      proxyTls: connect,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  });

  const failure = (url: string, reason: string, details: Record<string, unknown>, cause?: unknown): VaultproofError =>
    new VaultproofError(
      'download_failed',
      `"${url}" could not be downloaded (${reason}): check the network and HTTPS_PROXY, or set ${mirrorVariable} to a mirror`,
      { details: { url, reason, ...details }, cause },
    );

  const get = async (url: string): Promise<Download> => {
    const silence = new SilenceTimer(timeouts.idleMs);
    const aborted = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
    const failed = (what: string, cause: unknown): VaultproofError => {
      signal?.throwIfAborted();
      const reason = silence.signal.aborted ? `no byte for ${timeouts.idleMs} ms` : reasonOf(cause);
      return failure(url, `${what}: ${reason}`, {}, cause);
    };
    const headers = { 'accept-encoding': 'identity', 'user-agent': 'vaultproof' };
    const response = await silence
      .watch(() => fetch(url, { dispatcher, signal: aborted, headers }))
      .catch((cause: unknown) => {
        throw failed('no answer', cause);
      });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel().catch(() => {});
      throw failure(url, `status ${response.status}`, { status: response.status });
    }

    const announced = response.headers.get('content-length');
    const length = announced === null ? undefined : Number(announced);
    const reader = response.body.getReader();
    const read = async function* (): AsyncGenerator<Uint8Array> {
      let received = 0;
      const startedAt = performance.now();
      try {
        for (;;) {
          const { done, value } = await silence
            .watch(() => reader.read())
            .catch((cause: unknown) => {
              throw failed(`cut off after ${received} of ${length ?? 'unknown'} bytes`, cause);
            });
          if (done) break;
          received += value.length;
          const seconds = (performance.now() - startedAt - timeouts.graceMs) / 1_000;
          if (received < seconds * SLOWEST) {
            const reason = `slower than ${SLOWEST / 1024} KiB/s: ${received} of ${length ?? 'unknown'} bytes`;
            throw failure(url, reason, { received, length });
          }
          yield value;
        }
      } finally {
        await reader.cancel().catch(() => {});
      }
      if (length !== undefined && received !== length) {
        throw failure(url, `cut off after ${received} of ${length} bytes`, { received, length });
      }
    };
    return { length, chunks: read() };
  };

  return {
    get,
    async getWhole(url, limit) {
      const pieces: Uint8Array[] = [];
      let size = 0;
      for await (const piece of (await get(url)).chunks) {
        size += piece.length;
        if (size > limit) throw failure(url, `larger than ${limit} bytes`, { limit });
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

function openDispatcher<T>(open: () => T): T {
  try {
    return open();
  } catch {
    // Without the cause, which repeats the URL and any password in it.
    throw new VaultproofError(
      'download_failed',
      'nothing can be downloaded, as the URL of the proxy is malformed: correct HTTPS_PROXY and HTTP_PROXY',
    );
  }
}

// fetch says "fetch failed" or "terminated"; what people can act upon is the innermost cause.
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name;
}

/** Aborts its signal when one step that it watches takes longer than `idleMs` milliseconds. */
class SilenceTimer {
  readonly #controller = new AbortController();
  readonly #idleMs: number;

  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  /** Aborted once a step took too long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs a step against the clock, and returns what it returns. */
  async watch<T>(step: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#controller.abort(), this.#idleMs);
    try {
      return await step();
    } finally {
      clearTimeout(timer);
    }
  }
}
