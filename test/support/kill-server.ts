import { getContainerRuntimeClient } from 'testcontainers';
import type { StartedServer } from 'vaultproof';
import { containersOf, descendantsOf } from './what-runs.js';

/** Kills a server behind the back of who started it, or sends it another signal. */
export async function killServer(
  { engine, address }: Pick<StartedServer, 'engine' | 'address'>,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<void> {
  if (engine === 'docker') {
    const [id] = await containersOf([address]);
    const { container } = await getContainerRuntimeClient();
    await container.getById(String(id)).kill({ signal });
    return;
  }
  const { host, port } = new URL(address);
  const listens = [`-dev-listen-address=${host}`, `-http-port=${port}`];
  const server = descendantsOf(process.ppid).find(({ command }) => listens.some((flag) => command.includes(flag)));
  process.kill(Number(server?.pid), signal);
}
