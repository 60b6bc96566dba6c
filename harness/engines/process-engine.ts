import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { VaultproofError } from '../../errors/index.js';
import type { Executable } from '../binaries/index.js';
import { makeTemporaryFolder, spawnGuarded, temporaryFolderError } from '../guardian/index.js';
import type { Engine, ServerCommand, ServerInstance } from './engine.js';
import { fileLines } from './log-lines.js';
import { isFree, type PortReservation, reservePorts } from './port-block.js';

const LOOPBACK = '127.0.0.1';

/** Runs servers as child processes on loopback, each with a folder, a HOME and an environment of its own. */
export function processEngine(executable: Executable): Engine {
  return {
    name: 'process',
    product: executable.product,
    host: LOOPBACK,
    start: (command) => startProcess(executable, command),
  };
}

async function startProcess(executable: Executable, command: ServerCommand): Promise<ServerInstance> {
  const { ports, release } = await portsFor(command);
  const { path: folder, remove } = await makeTemporaryFolder(command.service).catch((error: unknown) => {
    release();
    throw error;
  });
  const logFile = join(folder, 'server.log');

  const removeFolder = async (): Promise<void> => {
    await remove();
    release();
  };

  try {
    const { service } = command;
    const place = { bindAddress: LOOPBACK, ports, peerHost: LOOPBACK, peerPorts: ports, folder };
    const out = command.outbound?.({ service, engine: 'process', hostName: LOOPBACK, folder, isElsewhere: false });
    await Promise.all([
      mkdir(join(folder, 'home')),
      ...Object.entries({ ...command.files(place), ...out?.files }).map(([name, text]) =>
        writeFile(join(folder, name), text, { mode: 0o600 }),
      ),
    ]);
    const args = command.args(place);
    const env = { ...command.env, ...out?.env, HOME: join(folder, 'home') };
    const run = (): Promise<Run> => startRun({ path: executable.path, args, cwd: folder, env }, logFile);
    let current = await run();

    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      await current.kill();
      await removeFolder();
    };
    return {
      product: executable.product,
      engine: 'process',
      address: `${command.caPem === undefined ? 'http' : 'https'}://${LOOPBACK}:${ports[0]}`,
      hostName: LOOPBACK,
      origin: executable.path,
      binFolder: dirname(executable.path),
      get exited() {
        return current.exited;
      },
      log: () => readFile(logFile, 'utf8').catch(() => ''),
      linesFrom: (position) => fileLines(logFile, position),
      stop: () => {
        stopping ??= stop();
        return stopping;
      },
      control: {
        kill: () => current.kill(),
        start: async () => {
          await current.exited;
          current = await run();
        },
        pause: () => current.pause(),
        resume: async () => current.signal('SIGCONT'),
      },
    };
  } catch (error) {
    await removeFolder();
    throw temporaryFolderError(error);
  }
}

/** A server's process, from its start to its end. */
interface Run {
  /** Resolves, with how, once it has ended. */
  readonly exited: Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves once it has stopped. */
  pause(): Promise<void>;
  kill(): Promise<void>;
}

async function startRun(command: Omit<Parameters<typeof spawnGuarded>[0], 'output'>, logFile: string): Promise<Run> {
  const log = await open(logFile, 'a', 0o600);
  const { process: child, end, signalGroup } = spawnGuarded({ ...command, output: log.fd });
  child.unref();
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
  await log.close();
  const kill = async (): Promise<void> => {
    child.ref();
    await end();
    await exited;
  };
  const pause = async (): Promise<void> => {
    signalGroup('SIGSTOP');
    await untilStopped(child.pid);
  };
  return { exited, signal: signalGroup, pause, kill };
}

const STOPPED = /\) [TtXZ] /;

/** A thread that runs on another core goes on until the signal has reached it. Linux alone tells. */
async function untilStopped(pid: number | undefined): Promise<void> {
  const threads = `/proc/${pid}/task`;
  for (;;) {
    const ids = await readdir(threads).catch(() => []);
    const states = await Promise.all(ids.map((id) => readFile(`${threads}/${id}/stat`, 'utf8').catch(() => ') X ')));
    if (states.every((state) => STOPPED.test(state))) return;
    await delay(1);
  }
}

async function portsFor(command: ServerCommand): Promise<PortReservation> {
  const { fixedPort } = command;
  if (fixedPort === undefined) return reservePorts(command.ports.length);
  const wanted = command.ports.map((_, index) => fixedPort + index);
  for (const port of wanted) {
    if (!(await isFree(port))) {
      throw new VaultproofError('port_in_use', `port ${port} on ${LOOPBACK} is taken: choose another`, {
        details: { port },
      });
    }
  }
  return { ports: wanted, release: () => {} };
}
