import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What the guardian can remove: a process by pid, a folder by absolute path, a container by id. */
export type GuardedKind = 'process' | 'folder' | 'container';

let guardian: ChildProcess | undefined;

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
  stdin?.write(`+ ${kind} ${id}\n`);
  return () => {
    stdin?.write(`- ${kind} ${id}\n`);
  };
}

function startGuardian(): ChildProcess {
  const script = fileURLToPath(new URL('./guardian.sh', import.meta.url));
  const { PATH, DOCKER_HOST = 'unix:///var/run/docker.sock' } = process.env;
  const child = spawn('/bin/sh', [script], {
    // A session of its own: a Ctrl-C or a kill of our process group must not reach it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { DOCKER_HOST, ...(PATH === undefined ? {} : { PATH }) },
  });
  child.unref();
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  // The stream is a pipe, whose handle would otherwise keep the event loop alive.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child;
}
