import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import { makeTemporaryFolder } from '../guardian/index.js';
import { giveBackAll, type LeasedServers, type LeaseServers } from './leased-servers.js';
import { onMessages, type Request, SERVER_NAMES, type SentError, send } from './messages.js';

/** The longest path of a Unix socket, in bytes: what `sun_path` of unix(7) holds besides its end. */
const LONGEST_PATH = process.platform === 'darwin' ? 103 : 107;

/** Where other processes lease. */
export interface PoolSocket extends AsyncDisposable {
  readonly path: string;
}

/**
 * Leases to other processes over a Unix socket, which only this user can reach where no path is given.
 * @throws VaultproofError `pool_socket_unusable`
 */
export async function listenForLeases(leaseServers: LeaseServers, path?: string): Promise<PoolSocket> {
  const folder = path === undefined ? await makeTemporaryFolder('pool') : undefined;
  const at = path ?? join(folder?.path ?? '', 'pool.sock');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, leaseServers);
  });
  try {
    const size = Buffer.byteLength(at);
    if (size > LONGEST_PATH) {
      throw unusable(at, `has "${size}" bytes, and a socket's path at most "${LONGEST_PATH}": choose a shorter one`);
    }
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, resolve);
    });
  } catch (error) {
    await folder?.remove();
    throw error instanceof VaultproofError ? error : unlistenable(at, error);
  }
  server.unref();
  return {
    path: at,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      await folder?.remove();
    },
  };
}

/** Serves one process, and gives back what it has leased when its connection ends. */
function serve(socket: Socket, leaseServers: LeaseServers): void {
  const leases = new Map<number, LeasedServers>();
  let last = 0;
  const lease = async (wanted: Extract<Request, { ask: 'lease' }>['wanted']) => {
    const servers = await leaseServers(wanted);
    if (socket.destroyed) return void (await giveBackAll(servers));
    last += 1;
    const number = last;
    leases.set(number, servers);
    for (const name of SERVER_NAMES) {
      void servers[name]?.exited.then((exited) => send(socket, { lease: number, server: name, exited }));
    }
    const { vault, consul, outbound } = servers;
    return { lease: number, servers: { vault: vault?.facts, consul: consul?.facts }, outbound };
  };
  const answerTo = async (request: Request) => {
    if (request.ask === 'lease') return lease(request.wanted);
    const server = leases.get(request.lease)?.[request.server];
    if (request.ask === 'log') return server?.log();
    if (request.ask === 'lead') return void (await server?.leadTo(request.port));
    if (request.ask === 'lines') return server?.linesFrom(request.from);
    await server?.giveBack();
    return undefined;
  };
  onMessages<Request>(socket, (request) => {
    const { id } = request;
    answerTo(request).then(
      (answer) => send(socket, { id, answer }),
      (error: unknown) => send(socket, { id, error: sent(error) }),
    );
  });
  socket.on('error', () => {});
  socket.once('close', () => {
    for (const servers of leases.values()) void giveBackAll(servers);
    leases.clear();
  });
}

function sent(error: unknown): SentError {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof VaultproofError ? { code: error.code, message, details: error.details } : { message };
}

function unlistenable(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  const why = code === 'EADDRINUSE' ? 'is taken: choose another one, or remove it' : `can't be made (${code})`;
  return unusable(path, why, error);
}

function unusable(path: string, why: string, cause?: unknown): VaultproofError {
  return new VaultproofError('pool_socket_unusable', `the pool's socket "${path}" ${why}`, {
    details: { path },
    cause,
  });
}
