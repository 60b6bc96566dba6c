import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { VaultproofError } from '../../errors/index.js';

/**
 * What the guardian can remove: a process by pid (negative for its group), a process with all its descendants by pid, a
 * folder by path, a container by name, DOCKER_HOST and folder of certificates, a run on a Vault by what remove-run.cjs reads.
 */
type GuardedKind = 'process' | 'descendants' | 'folder' | 'container' | 'run';

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
  const [script = '', removeContainer = '', removeRun = ''] = [
    './guardian.sh',
    './remove-container.cjs',
    './remove-run.cjs',
  ].map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const child = spawn('/bin/sh', [script], {
    // A session of its own: a Ctrl-C or a kill of our process group must not reach it.
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    // Node is there for sure, and Docker's client is not.
    env: {
      NODE: process.execPath,
      REMOVE_CONTAINER: removeContainer,
      REMOVE_RUN: removeRun,
      PATH: SYSTEM_FOLDERS.join(':'),
    },
  });
  child.unref();
  child.on('error', () => {});
  child.once('exit', replaceGuardian);
  child.stdin.on('error', () => {});
  // The stream is a pipe, whose handle would otherwise keep the event loop alive.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child;
}

/** It ends after us, unless it was killed. */
function replaceGuardian(): void {
  if (starts >= MOST_STARTS) return;
  guardian = startGuardian();
  for (const entry of entries) guardian.stdin.write(`+ ${entry}\n`);
}

/** A folder that only this user can read. */
export interface TemporaryFolder extends AsyncDisposable {
  /** Absolute path. */
  readonly path: string;
  /** Removes it; idempotent. */
  remove(): Promise<void>;
  /** The same at once. */
  removeNow(): void;
}

/**
 * Makes a folder in the system's temporary folder (TMPDIR), for this user alone. It is also removed when this process is
 * killed.
 * @param purpose what it is for, in its name: `vault` makes `vaultproof-vault-1f0c2a9b44de`
 * @throws VaultproofError `temporary_folder_unusable`
 */
export async function makeTemporaryFolder(purpose: string): Promise<TemporaryFolder> {
  // Short, since sockets lie in it: their paths have 103 bytes at most on macOS, whose TMPDIR takes 49 of them.
  const path = resolve(tmpdir(), `vaultproof-${purpose}-${randomBytes(6).toString('hex')}`);
  const removed = guard('folder', path);
  try {
    // At once, so that who calls first has it first.
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    removed();
    throw temporaryFolderError(error);
  }
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
    removed();
  };
  const removeNow = (): void => {
    rmSync(path, { recursive: true, force: true });
    removed();
  };
  return { path, remove, removeNow, [Symbol.asyncDispose]: remove };
}

/**
 * What to throw for an error that was met while temporary files were written: `temporary_folder_unusable` where the file
 * system has no room or refused a path there, and anything else unchanged.
 */
export function temporaryFolderError(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  const code = String(error.code);
  const folder = resolve(tmpdir());
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  if (!isFull && !('path' in error && String(error.path).startsWith(folder))) return error;
  const fix = isFull ? 'make room there' : 'make it, and let this user write there';
  return new VaultproofError(
    'temporary_folder_unusable',
    `the folder for temporary files, "${folder}", can't be used (${code}): ${fix}, or set TMPDIR to another one`,
    { details: { folder, code }, cause: error },
  );
}

/** Sends a request to a Vault and gives the answer's body; undefined where something is not there. */
type RemovingRequest = (
  method: string,
  path: string,
  json?: unknown,
) => Promise<Readonly<Record<string, unknown>> | undefined>;

/** Removes from a Vault that others use all that a run has made there. */
export async function removeRun(request: RemovingRequest, prefix: string): Promise<void> {
  // JavaScript, because the guardian runs it, too, when this process has died.
  const script = createRequire(import.meta.url)('./remove-run.cjs') as { removeRun: typeof removeRun };
  await script.removeRun(request, prefix);
}
