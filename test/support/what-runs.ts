import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { getContainerRuntimeClient } from 'testcontainers';

/** A process as `ps` lists it. */
export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process of this machine; a zombie, which nobody has asked for its end yet, counts as gone. */
function processes(): RunningProcess[] {
  const table = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return table.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || state?.startsWith('Z')) return [];
    return [{ pid: Number(pid), parent: Number(parent), command: command ?? '' }];
  });
}

/** The processes that a process started, and those that they started, without the `ps` that looks. */
export function descendantsOf(pid: number): RunningProcess[] {
  const all = processes().filter(({ command }) => !command.startsWith('ps '));
  const below = (parent: number): RunningProcess[] =>
    all.filter((candidate) => candidate.parent === parent).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid);
}

/** Which of these process ids still run. */
export function stillRunning(pids: readonly number[]): number[] {
  const running = new Set(processes().map(({ pid }) => pid));
  return pids.filter((pid) => running.has(pid));
}

/**
 * The containers that publish these addresses' ports, one for each. Docker gives a port to the next container while the
 * one before it is still listed on its way out: the youngest counts.
 */
export async function containersOf(addresses: readonly string[]): Promise<string[]> {
  const { container } = await getContainerRuntimeClient();
  const listed = await container.dockerode.listContainers({ filters: { status: ['running', 'paused'] } });
  const youngestFirst = [...listed].sort((a, b) => b.Created - a.Created);
  return addresses.flatMap((address) => {
    const port = Number(new URL(address).port);
    const found = youngestFirst.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === port));
    return found ? [found.Id] : [];
  });
}

/** The containers that were made to publish a port, whether they run or never could. */
export async function containersBoundTo(port: number): Promise<string[]> {
  const { container } = await getContainerRuntimeClient();
  const listed = await container.dockerode.listContainers({ all: true });
  // Another test's container may go in between.
  const inspected = await Promise.allSettled(listed.map(({ Id }) => container.getById(Id).inspect()));
  return inspected.flatMap((outcome) => {
    if (outcome.status === 'rejected') return [];
    const { Id, HostConfig } = outcome.value;
    return JSON.stringify(HostConfig.PortBindings).includes(`"HostPort":"${port}"`) ? [Id] : [];
  });
}

/** Which of these containers still exist, running or not. */
export async function stillThere(containers: readonly string[]): Promise<string[]> {
  const { container } = await getContainerRuntimeClient();
  const listed = await container.dockerode.listContainers({ all: true });
  return listed.map(({ Id }) => Id).filter((id) => containers.includes(id));
}

/** The folders of this project in a folder for temporary files. */
export async function foldersIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('vaultproof-'));
}

/** Whether anything answers at an address. */
export async function answers(address: string): Promise<boolean> {
  return fetch(address, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  );
}
