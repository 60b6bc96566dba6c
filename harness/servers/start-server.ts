import { setTimeout as delay } from 'node:timers/promises';
import { VaultproofError } from '../../errors/index.js';
import { type HttpClient, httpClient } from '../../internal/http-client.js';
import { Mutex } from '../../internal/mutex.js';
import { strikeOut, strikeOutPrintedKeys } from '../../internal/redaction.js';
import {
  chooseEngine,
  type Engine,
  type ServerCommand,
  type ServerControl,
  type ServerInstance,
  type Service,
} from '../engines/index.js';
import { createAddressResolver } from './address-resolver.js';
import type { ServerOptions, ServerOutbound, StartedServer } from './server-options.js';

const POLL_MS = 8;
const ATTEMPTS = 3;
const PORT_TAKEN = /address already in use|failed to listen|bind: permission denied/i;

const TIMEOUT_MS = 30_000;

/** What starting a server takes. */
interface StartRequest {
  readonly service: Service;
  /** Its command line and files, once it is known what runs, and under which name or address this host reaches it. */
  readonly command: (engine: Pick<Engine, 'product' | 'host'>) => ServerCommand | Promise<ServerCommand>;
  /** Where and how it is to run. */
  readonly options: ServerOptions;
  /** How it reaches other hosts; default as this host does. */
  readonly outbound?: ServerOutbound | undefined;
  /** Asks the server once. Ready is `true`; anything else says what it answered, for the message of a timeout. */
  readonly isReady: (client: HttpClient) => Promise<true | string>;
}

/** A server that runs, and what it takes to open clients of it. */
export interface RunningServer {
  readonly instance: ServerInstance;
  /** Why its engine was taken, in a sentence. */
  readonly engineReason: string;
  /** The CA of its certificate, where it speaks HTTPS. */
  readonly caPem: string | undefined;
  /** What is redacted in its log. */
  readonly secrets: readonly string[];
}

/** A server that is ready, and a client of its API that tells when the server has gone. */
export interface ReadyServer extends RunningServer {
  readonly client: HttpClient;
  /** What every started server offers, except what is specific to the product. */
  readonly handle: Omit<StartedServer, 'version' | 'token'>;
  /** What else is done to a server that was started here; once it is stopped, each throws `server_stopped`. */
  readonly control: ServerControl;
  /** Waits until it is ready again, see {@link untilReady}. */
  readonly until: (isReady: (client: HttpClient) => Promise<true | string>, timeoutMs?: number) => Promise<void>;
}

/**
 * Starts a server where it can run and waits until it is ready; a port lost to another program is tried again on other
 * ports.
 * @throws VaultproofError what no engine or executable throws, and `port_in_use`, `server_exited`, or `server_not_ready` after the time-out, each with the end
 * of the server's log; whatever was started is gone by then
 */
export async function startServer(request: StartRequest): Promise<ReadyServer> {
  const { engine, reason } = await chooseEngine(request.service, request.options);
  const { product } = engine;
  const command = { ...(await request.command(engine)), outbound: request.outbound?.settings };
  const { secrets, fixedPort, caPem } = command;
  for (let attempt = 1; ; attempt++) {
    const instance = await engine.start(command);
    const client = httpClient(instance.address, { ca: caPem, product });
    const tail = async (lines?: number): Promise<string> => logTail(await instance.log(), secrets, lines);
    const engineReason = instance.note === undefined ? reason : `${reason}; ${instance.note}`;
    try {
      await untilReady({ instance, client, logTail: tail }, request.isReady, request.options.startupTimeoutMs);
      return openServer({ instance, engineReason, caPem, secrets }, client);
    } catch (error) {
      const log = await instance.log().catch(() => '');
      client.close();
      await instance.stop();
      if (!PORT_TAKEN.test(log) || !(error instanceof VaultproofError) || error.code !== 'server_exited') throw error;
      if (attempt < ATTEMPTS && fixedPort === undefined) continue;
      throw new VaultproofError('port_in_use', `a port of "${product}" is already in use: ${logTail(log, secrets)}`, {
        details: { port: fixedPort },
        cause: error,
      });
    }
  }
}

/**
 * A handle of a server that runs, whose `stop` ends the server as `instance` ends it.
 * @param connection where it is reached; default connections of the handle's own
 */
export function openServer(running: RunningServer, connection?: HttpClient): ReadyServer {
  const { instance, engineReason, caPem, secrets } = running;
  const { product, engine, origin, binFolder, address, hostName, hostAddress } = instance;
  const tail = async (lines?: number): Promise<string> => logTail(await instance.log(), secrets, lines);
  const plain = connection ?? httpClient(address, { ca: caPem, product });
  const client = clientWithExitDiagnostics({ product, instance, client: plain, logTail: tail });
  const { addressFor, close } = createAddressResolver(instance);
  const turns = new Mutex();
  let stopped = false;
  let killed: Promise<string> | undefined;
  const refuseStopped = (): void => {
    if (stopped) throw stoppedError(product);
  };
  const stop = async (): Promise<void> => {
    stopped = true;
    client.close();
    await turns.idle();
    await Promise.all([close(), instance.stop()]);
  };
  let tell: (error: VaultproofError) => void = () => {};
  const exited = new Promise<VaultproofError>((resolve) => {
    tell = resolve;
  });
  const watch = (run: Promise<string>): void => {
    void run.then(async (end) => {
      if (stopped || run === killed) return;
      tell(await exitedError({ instance, logTail: tail }, end, ''));
    });
  };
  watch(instance.exited);
  const controlled = (action: keyof ServerControl) => () =>
    turns.run(async () => {
      refuseStopped();
      if (action === 'kill') killed = instance.exited;
      await instance.control?.[action]();
      if (action === 'start') watch(instance.exited);
    });
  const control = {
    kill: controlled('kill'),
    start: controlled('start'),
    pause: controlled('pause'),
    resume: controlled('resume'),
  };
  const until: ReadyServer['until'] = (isReady, timeoutMs) => {
    const asked = async (): Promise<true | string> => {
      refuseStopped();
      return isReady(plain);
    };
    return untilReady({ instance, client: plain, logTail: tail }, asked, timeoutMs);
  };
  const where = { engine, engineReason, origin, binFolder, address, caPem, hostName, hostAddress };
  const handle = { ...where, addressFor, exited, logTail: tail, stop, [Symbol.asyncDispose]: stop };
  return { ...running, client, handle, control, until };
}

/** A server that is asked whether it is ready. */
interface StartingServer {
  readonly instance: Pick<ServerInstance, 'product' | 'origin' | 'engine' | 'exited'>;
  readonly client: HttpClient;
  readonly logTail: StartedServer['logTail'];
}

/**
 * Waits until a server is ready.
 * @param isReady asks it once, see {@link startServer}
 * @throws VaultproofError `server_exited`, and `server_not_ready` after the time-out, each with the end of the server's log
 */
async function untilReady(
  { instance, client, logTail: tail }: StartingServer,
  isReady: (client: HttpClient) => Promise<true | string>,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  const { product } = instance;
  const deadline = performance.now() + timeoutMs;
  let end: string | undefined;
  void instance.exited.then((how) => {
    end = how;
  });
  for (let last = 'nothing'; ; ) {
    const answer = await isReady(client).catch((error: unknown) => {
      if (error instanceof VaultproofError && error.code === 'request_failed') return 'no connection';
      throw error;
    });
    if (answer === true && performance.now() < deadline) return;
    last = answer === true ? 'ready, but after the time-out' : answer;
    if (end !== undefined) {
      throw await exitedError({ instance, logTail: tail }, end, ' before it was ready');
    }
    if (performance.now() >= deadline) {
      throw new VaultproofError(
        'server_not_ready',
        `"${product}" was not ready after ${timeoutMs} ms, its last answer was: ${last}. ` +
          `The end of its log:\n${await tail()}`,
        { details: { product, origin: instance.origin, timeoutMs, last } },
      );
    }
    await delay(POLL_MS);
  }
}

/** A connection breaks a little before the news of its server's end arrives, and a busy Docker takes its time to tell. */
const EXIT_NOTICE_TIMEOUT_MS = 3_000;

/** A client and its server process: when a request gets no answer, the error says how the process ended. */
interface WatchedServer {
  readonly product: string;
  readonly instance: StartingServer['instance'];
  readonly client: HttpClient;
  /** The end of the server's log. */
  readonly logTail: StartedServer['logTail'];
}

/**
 * A client whose requests fail with `server_stopped` once it is closed and with `server_exited`, and the end of the log,
 * once the server has ended by itself.
 */
function clientWithExitDiagnostics({ product, instance, client, logTail }: WatchedServer): HttpClient {
  let closed = false;
  return {
    address: client.address,
    product,
    request: async (method, path, request) => {
      if (closed) throw stoppedError(product);
      try {
        return await client.request(method, path, request);
      } catch (cause) {
        if (closed) throw stoppedError(product);
        const end = await endOf(instance);
        if (end === undefined) throw cause;
        const shown = request?.shownPath ?? path;
        const lost = ` and can't answer ${method} "${shown}"`;
        throw await exitedError({ instance, logTail }, end, lost, { details: { method, path: shown }, cause });
      }
    },
    close: () => {
      closed = true;
      client.close();
    },
  };
}

const DISK_IS_FULL = /no space left on device|disk quota exceeded/i;
/** Vault ends with the stacks of all its goroutines when it can't write. */
const LONG_LOG_LINES = 2_000;

/** The error for a server that has ended, with the end of its log. */
async function exitedError(
  { instance, logTail: tail }: Pick<StartingServer, 'instance' | 'logTail'>,
  end: string,
  consequence: string,
  { details = {}, cause }: { readonly details?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
): Promise<VaultproofError> {
  const { product, origin, engine } = instance;
  const where = engine === 'process' ? 'in the folder for temporary files (TMPDIR)' : "on Docker's disk";
  const hint = DISK_IS_FULL.test(await tail(LONG_LOG_LINES)) ? ` Its disk is full: make room ${where}.` : '';
  const message = `"${product}" ended with ${end}${consequence}.${hint} The end of its log:\n${await tail()}`;
  return new VaultproofError('server_exited', message, { details: { product, origin, end, ...details }, cause });
}

function stoppedError(product: string): VaultproofError {
  const message = `"${product}" was stopped: start another one; is an "await" missing in a test that has ended?`;
  return new VaultproofError('server_stopped', message, { details: { product } });
}

async function endOf({ exited }: WatchedServer['instance']): Promise<string | undefined> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    return await Promise.race([exited, delay(EXIT_NOTICE_TIMEOUT_MS, undefined, { signal }).catch(() => undefined)]);
  } finally {
    waiting.abort();
  }
}

const LINES = 20;

/** The last lines of a server's log, for a person or an error's message, with the secrets in it struck out. */
export function logTail(log: string, secrets: readonly string[], lines: number = LINES): string {
  const tail = log.trimEnd().split('\n').slice(-lines).join('\n');
  return strikeOut(strikeOutPrintedKeys(tail), secrets) || '(it wrote nothing)';
}
