import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What a child program tells memory.ts, as one line of JSON. */
export interface OwnMemory {
  /** Resident memory of this process after a garbage collection, in MB. */
  readonly node: number;
  /** Resident memory of its helper processes, the servers excluded, in MB. */
  readonly helpers: number;
  /** The executables of the servers. */
  readonly servers: readonly string[];
}

/** Collects garbage (needs --expose-gc) and prints an {@link OwnMemory}. */
export async function reportMemory(servers: readonly string[]): Promise<void> {
  globalThis.gc?.();
  const node = process.memoryUsage.rss() / 2 ** 20;
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss=,args=']);
  const processes = stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = '', ppid = '', rss = '', ...args] = line.trim().split(/\s+/);
      return { pid: Number(pid), ppid: Number(ppid), kilobytes: Number(rss), program: args[0] ?? '' };
    })
    .filter(({ program }) => program !== 'ps' && !servers.includes(program));
  const below = (parent: number): number =>
    processes
      .filter(({ ppid }) => ppid === parent)
      .reduce((sum, { pid, kilobytes }) => sum + kilobytes + below(pid), 0);
  const report: OwnMemory = { node, helpers: below(process.pid) / 1024, servers };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
