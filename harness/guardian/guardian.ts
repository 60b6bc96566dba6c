import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/**
 * What the guardian can remove: a process by pid (negative for its group), a process with all its descendants by pid, a
 * folder by path, a container by name, DOCKER_HOST and folder of certificates.
 */
export type GuardedKind = 'process' | 'descendants' | 'folder' | 'container';

type Guardian = ChildProcessByStdio<Writable, null, null>;

/** The system's own folders first: what the guardian calls must be there, and be what it is everywhere. */
const SYSTEM_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/** Where something kills every guardian, no more are started after this many. */
const MOST_STARTS = 5;

let guardian: Guardian | undefined;
let starts = 0;
const entries = new Set<string>();

/**
 * Has something removed when this process ends without having removed it: by SIGKILL, an uncaught error or a
 * forgotten `stop()`. A small shell waits on a pipe whose other end is ours; the kernel closes that end
 * whatever happens to us. One shell serves the whole process, and another takes its place when it is killed.
 *
 * @returns a function that says "already removed"
 */
export function guard(kind: GuardedKind, id: string | number): () => void {
  const entry = entryOf(kind, id);
  entries.add(entry);
  journal().write(`+ ${entry}\n`);
  return () => {
    entries.delete(entry);
    journal().write(`- ${entry}\n`);
  };
}

/** The pipe to the guardian, which is started if need be: lines of `+ kind id` and `- kind id`. */
export function journal(): Writable {
  guardian ??= startGuardian();
  return guardian.stdin;
}

/** One line, whatever a path has in it: `printf %b` of POSIX reads it back. */
function entryOf(kind: GuardedKind, id: string | number): string {
  const absolute = kind === 'folder' ? resolve(String(id)) : String(id);
  return `${kind} ${absolute.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`;
}

function startGuardian(): Guardian {
  starts += 1;
  const [script = '', removeContainer = ''] = ['./guardian.sh', './remove-container.cjs'].map((name) =>
    fileURLToPath(new URL(name, import.meta.url)),
  );
  const child = spawn('/bin/sh', [script], {
    // A session of its own: a Ctrl-C or a kill of our process group must not reach it.
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    // Node is there for sure, and Docker's client is not.
    env: { NODE: process.execPath, REMOVE_CONTAINER: removeContainer, PATH: SYSTEM_FOLDERS.join(':') },
  });
  child.unref();
  child.on('error', () => {});
  child.once('exit', replaceGuardian);
  child.stdin.on('error', () => {});
  // The stream is a pipe, whose handle would otherwise keep the event loop alive.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child;
}

/** It ends after us, unless somebody killed it. */
function replaceGuardian(): void {
  if (starts >= MOST_STARTS) return;
  guardian = startGuardian();
  for (const entry of entries) guardian.stdin.write(`+ ${entry}\n`);
}
