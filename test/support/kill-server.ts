import { execa } from 'execa';
import { getContainerRuntimeClient } from 'testcontainers';
import type { StartedServer } from 'vaultproof';
import { expect, vi } from 'vitest';
import { containersOf, descendantsOf } from './what-runs.js';

/** Kills a server behind the back of who started it, or sends it another signal; one that is to stop has stopped then. */
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
  const pid = Number(server?.pid);
  process.kill(pid, signal);
  if (signal !== 'SIGSTOP') return;
  await vi.waitFor(async () => expect((await execa('ps', ['-o', 'stat=', '-p', String(pid)])).stdout).toMatch(/^T/));
}
