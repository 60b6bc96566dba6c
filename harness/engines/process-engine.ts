import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import type { Executable } from '../binaries/index.js';
import { makeTemporaryFolder, spawnGuarded, temporaryFolderError } from '../guardian/index.js';
import type { Engine, ServerCommand, ServerInstance } from './engine.js';
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
    const place = { bindAddress: LOOPBACK, ports, folder };
    const out = command.outbound?.({ service, engine: 'process', hostName: LOOPBACK, folder, isElsewhere: false });
    await Promise.all([
      mkdir(join(folder, 'home')),
      ...Object.entries({ ...command.files(place), ...out?.files }).map(([name, text]) =>
        writeFile(join(folder, name), text, { mode: 0o600 }),
      ),
    ]);
    const log = await open(logFile, 'a', 0o600);
    const { process: child, end } = spawnGuarded({
      path: executable.path,
      args: command.args(place),
      cwd: folder,
      env: { ...command.env, ...out?.env, HOME: join(folder, 'home') },
      output: log.fd,
    });
    child.unref();
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => {
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
      });
    });
    await log.close();

    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      child.ref();
      await end();
      await exited;
      await removeFolder();
    };
    return {
      product: executable.product,
      engine: 'process',
      address: `${command.caPem === undefined ? 'http' : 'https'}://${LOOPBACK}:${ports[0]}`,
      hostName: LOOPBACK,
      origin: executable.path,
      binFolder: dirname(executable.path),
      exited,
      log: () => readFile(logFile, 'utf8').catch(() => ''),
      stop: () => {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await removeFolder();
    throw temporaryFolderError(error);
  }
}

async function portsFor(command: ServerCommand): Promise<PortReservation> {
  const { fixedPort } = command;
  if (fixedPort === undefined) return reservePorts(command.ports.length);
  const wanted = command.ports.map((_, index) => fixedPort + index);
  for (const port of wanted) {
    if (!(await isFree(port))) {
      throw new VaultproofError('port_in_use', `port "${port}" on "${LOOPBACK}" is taken, choose another`, {
        details: { port },
      });
    }
  }
  return { ports: wanted, release: () => {} };
}
