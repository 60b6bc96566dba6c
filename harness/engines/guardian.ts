import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** What the guardian can remove: a process by pid (negative for its group), a folder by absolute path, a container by name, DOCKER_HOST and folder of certificates. */
export type GuardedKind = 'process' | 'folder' | 'container';

type Guardian = ChildProcessByStdio<Writable, null, null>;

let guardian: Guardian | undefined;

/**
 * A process is in the journal before it becomes what it is to be: we may be killed in the middle of starting it. The
 * minus is for its group: what it started goes with it.
 */
const ENROL = 'echo "+ process -$$" >&3; exec "$0" "$@" 3>&-';

/**
 * Has something removed when this process ends without having removed it: by SIGKILL, an uncaught error or a
 * forgotten `stop()`. A small shell waits on a pipe whose other end is ours; the kernel closes that end
 * whatever happens to us. One shell serves the whole process.
 *
 * @returns a function that says "already removed"
 */
export function guard(kind: GuardedKind, id: string | number): () => void {
  guardian ??= startGuardian();
  const { stdin } = guardian;
  stdin.write(`+ ${kind} ${id}\n`);
  return () => {
    stdin.write(`- ${kind} ${id}\n`);
  };
}

/** A process to be started by {@link spawnGuarded}. */
export interface GuardedCommand {
  /** The executable's path. */
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The file descriptor that standard output and standard error go to, or `pipe` for one of our own to each. */
  readonly output: number | 'pipe';
}

/** Starts a process, in a session of its own, that is killed with all that it started when this process ends before it. */
export function spawnGuarded({ path, args, cwd, env, output }: GuardedCommand): ChildProcess {
  guardian ??= startGuardian();
  const { stdin } = guardian;
  const child = spawn('/bin/sh', ['-c', ENROL, path, ...args], {
    cwd,
    env,
    // Ctrl-C is for us, and we end the child.
    detached: true,
    stdio: ['ignore', output, output, stdin],
  });
  child.once('exit', () => {
    stdin.write(`- process -${child.pid}\n`);
  });
  return child;
}

function startGuardian(): Guardian {
  const [script = '', removeContainer = ''] = ['./guardian.sh', './remove-container.cjs'].map((name) =>
    fileURLToPath(new URL(name, import.meta.url)),
  );
  const { PATH } = process.env;
  const child = spawn('/bin/sh', [script], {
    // A session of its own: a Ctrl-C or a kill of our process group must not reach it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    // Node is there for sure, and Docker's client is not.
    env: { NODE: process.execPath, REMOVE_CONTAINER: removeContainer, ...(PATH !== undefined && { PATH }) },
  });
  child.unref();
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  // The stream is a pipe, whose handle would otherwise keep the event loop alive.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child;
}
