import { connect, type Socket } from 'node:net';
import { VaultproofError } from '../../errors/index.js';
import { once } from '../../internal/once.js';
import type { LogLines } from '../engines/index.js';
import { leaser } from './lease-environment.js';
import type { LeasedServer, LeaseServers } from './leased-servers.js';
import { type LeaseAnswer, type Message, onMessages, type Request, type ServerName, send } from './messages.js';
import type { LeasingPool } from './pool.js';
import { provisionedPool } from './provisioned.js';

type Asked = { readonly resolve: (answer: unknown) => void; readonly reject: (error: unknown) => void };
type Question = Request extends infer One ? (One extends Request ? Omit<One, 'id'> : never) : never;

/** See `connectToPool` of this room. */
export async function leaseFrom(path: string): Promise<LeasingPool> {
  const socket = await connected(path);
  const asked = new Map<number, Asked>();
  const exits = new Map<string, (end: string) => void>();
  let last = 0;
  const ask = (question: Question): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(gone());
      last += 1;
      asked.set(last, { resolve, reject });
      // Only who waits for an answer keeps the process alive.
      socket.ref();
      send(socket, { ...question, id: last } as Request);
    });
  onMessages<Message>(socket, (message) => {
    if ('exited' in message) return exits.get(`${message.lease} ${message.server}`)?.(message.exited);
    const waiting = asked.get(message.id);
    asked.delete(message.id);
    if (asked.size === 0) socket.unref();
    if ('error' in message) waiting?.reject(received(message.error));
    else waiting?.resolve(message.answer);
  });
  socket.once('close', () => {
    for (const exit of exits.values()) exit('its pool');
    for (const { reject } of asked.values()) reject(gone());
    asked.clear();
  });

  const serverOf = ({ lease, servers }: LeaseAnswer, server: ServerName): LeasedServer | undefined => {
    const facts = servers[server];
    if (facts === undefined) return undefined;
    const key = `${lease} ${server}`;
    return {
      facts,
      exited: new Promise((resolve) => exits.set(key, resolve)),
      log: async () => String(await ask({ ask: 'log', lease, server }).catch(() => '')),
      linesFrom: async (from) => {
        const nothing = { lines: [], next: from };
        const answer = await ask({ ask: 'lines', from, lease, server }).catch(() => nothing);
        return (answer as LogLines | undefined) ?? nothing;
      },
      giveBack: once(async () => {
        exits.delete(key);
        await ask({ ask: 'give-back', lease, server }).catch(() => {});
      }),
      leadTo: async (port) => void (await ask({ ask: 'lead', port, lease, server })),
    };
  };
  const leaseServers: LeaseServers = async (wanted) => {
    const answer = (await ask({ ask: 'lease', wanted })) as LeaseAnswer;
    return { vault: serverOf(answer, 'vault'), consul: serverOf(answer, 'consul'), outbound: answer.outbound };
  };
  const { lease, stop: stopLeaser } = leaser(leaseServers);
  const stop = async (): Promise<void> => {
    await stopLeaser();
    socket.destroy();
  };
  const provisioned: LeasingPool['provisioned'] = (declare, options) => provisionedPool(lease, declare, options);
  return { lease, provisioned, stop, [Symbol.asyncDispose]: stop };
}

async function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) => {
      const why = `no pool listens at "${path}": create one there first, and keep its process running`;
      reject(new VaultproofError('pool_socket_unusable', why, { details: { path }, cause }));
    });
  });
  socket.on('error', () => {});
  return socket.unref();
}

function received({ code, message, details = {} }: Extract<Message, { error: unknown }>['error']): Error {
  return code === undefined ? new Error(message) : new VaultproofError(code, message, { details });
}

function gone(): VaultproofError {
  return new VaultproofError('pool_stopped', 'the pool, or its process, has ended: create another one');
}
