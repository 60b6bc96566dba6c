import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { guard, journal } from './guardian.js';

/**
 * A process is in the journal before it becomes what it is to be: we may be killed in the middle of starting it. The
 * minus is for its group: what it started goes with it.
 */
const ENROL = 'echo "+ process -$$" >&3; exec "$0" "$@" 3>&-';

/** A killed process is gone in less, unless the kernel itself holds it up. */
const MOST_WAIT_MS = 2_000;
const POLL_MS = 2;

/** A process to be started by {@link spawnGuarded}. */
export interface GuardedCommand {
  /** The executable's path, or a name to be looked for in the PATH of `env`. */
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where standard input comes from. Default: nowhere. */
  readonly input?: 'inherit' | 'pipe' | 'ignore';
  /** The file descriptors that standard output and standard error go to, or `pipe` for one of our own to each. */
  readonly output: number | 'pipe' | readonly [number | 'inherit', number | 'inherit'];
}

/** A running process and all that it started: its process group. */
export interface GuardedChild {
  readonly process: ChildProcess;
  /** Sends a signal to all of the group. */
  signalGroup(signal: NodeJS.Signals): void;
  /** Kills all of the group with SIGKILL, and returns once it is gone; it may be gone already. */
  end(): Promise<void>;
}

/**
 * Starts a process in a session of its own. It is killed with all that it started when this process ends before it; and
 * what it started, and left behind, is killed when it ends.
 */
export function spawnGuarded({ path, args, cwd, env, input, output }: GuardedCommand): GuardedChild {
  const [stdout, stderr] = typeof output === 'object' ? output : [output, output];
  const child = spawn('/bin/sh', ['-c', ENROL, path, ...args], {
    cwd,
    env,
    // Ctrl-C is for us, and we end the child.
    detached: true,
    stdio: [input ?? 'ignore', stdout, stderr, journal()],
  });
  const { pid } = child;
  if (pid === undefined) return { process: child, signalGroup: () => {}, end: async () => {} };
  const gone = guard('process', -pid);
  const signalGroup = (signal: NodeJS.Signals): void => void sendTo(pid, signal);
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ending ??= endGroup(pid).then(gone);
    return ending;
  };
  child.once('exit', end);
  return { process: child, signalGroup, end };
}

/** A group that has a zombie in it, which its parent has not asked for, is not gone for the kernel: hence the limit. */
async function endGroup(pid: number): Promise<void> {
  const deadline = performance.now() + MOST_WAIT_MS;
  sendTo(pid, 'SIGKILL');
  while (sendTo(pid, 0) && performance.now() < deadline) await delay(POLL_MS);
}

/** @returns whether there is such a group */
function sendTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    // macOS refuses with EPERM where nothing but a zombie is left.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH' && process.platform !== 'darwin';
  }
}
