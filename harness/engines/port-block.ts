import { createServer, type Server } from 'node:net';

const LOWEST = 10_240;
/** Below Linux's and macOS's ephemeral ranges, so that no outgoing connection takes a port in between. */
const HIGHEST = 32_767;
const BLOCK_SIZE = 32;
const ATTEMPTS = 200;

interface PortBlock {
  /** Listens on the block's first port for as long as this process lives: that is the reservation. */
  readonly lock: Server;
  readonly free: Set<number>;
}

const blocks: PortBlock[] = [];
let opening: Promise<unknown> = Promise.resolve();

/** Ports next to each other, ours until {@link PortReservation.release}. */
export interface PortReservation {
  readonly ports: readonly number[];
  /** Gives the ports back to this process. */
  release(): void;
}

/**
 * Reserves `count` neighbouring TCP ports on 127.0.0.1 that nothing listens on.
 *
 * Ports come in blocks; the process that listens on a block's first port owns the block. The kernel arbitrates between
 * processes and gives the block back when its owner dies, so nothing goes stale. A program that knows nothing of
 * this may still take a port between the check and its use: callers try again.
 */
export function reservePorts(count: number): Promise<PortReservation> {
  const reservation = opening.then(() => takePorts(count));
  opening = reservation.catch(() => {});
  return reservation;
}

async function takePorts(count: number): Promise<PortReservation> {
  for (const block of blocks) {
    const ports = await findRun(block, count);
    if (ports) return claim(block, ports);
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const block = await openBlock();
    const ports = block && (await findRun(block, count));
    if (block && ports) return claim(block, ports);
  }
  throw new RangeError(`no ${count} neighbouring free ports between ${LOWEST} and ${HIGHEST} on 127.0.0.1`);
}

function claim(block: PortBlock, ports: number[]): PortReservation {
  for (const port of ports) block.free.delete(port);
  return {
    ports,
    release: () => {
      for (const port of ports) block.free.add(port);
    },
  };
}

async function openBlock(): Promise<PortBlock | undefined> {
  const count = Math.floor((HIGHEST - LOWEST + 1) / BLOCK_SIZE);
  const base = LOWEST + BLOCK_SIZE * Math.floor(Math.random() * count);
  const lock = await listen(base);
  if (!lock) return undefined;
  lock.unref();
  const block = { lock, free: new Set(Array.from({ length: BLOCK_SIZE - 1 }, (_, index) => base + 1 + index)) };
  blocks.push(block);
  return block;
}

async function findRun(block: PortBlock, count: number): Promise<number[] | undefined> {
  let run: number[] = [];
  for (const port of [...block.free].sort((a, b) => a - b)) {
    if (!(await isFree(port))) {
      run = [];
      continue;
    }
    run = run.at(-1) === port - 1 ? [...run, port] : [port];
    if (run.length === count) return run;
  }
  return undefined;
}

/** Whether nothing listens on 127.0.0.1:`port`. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (!server) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
