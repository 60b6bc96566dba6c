import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { guard, journal } from './guardian.js';

const MOST_MEBIBYTES = 16;

/** After its end, for what it had written before. */
const LAST_OUTPUT_MS = 1_000;

/** A program that is run to its end. */
interface GuardedRun extends Omit<GuardedCommand, 'input' | 'output'> {
  /** How long it may take, in milliseconds; then it is killed with all that it started. */
  readonly limitMs: number;
  /** Ends it: at once, or as `interruptFirst` says. */
  readonly signal?: AbortSignal | undefined;
  /** On abort the program gets SIGINT, and this many milliseconds to end by itself. Default: it is killed at once. */
  readonly interruptFirst?: number | undefined;
  /** What it reads from standard input. Default: nothing. */
  readonly input?: string | undefined;
  /** How much it may write in all, in MiB; then it is killed. Default: 16. */
  readonly mostMebibytes?: number | undefined;
  /** Receives each line of standard output as it comes. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Receives each line of standard error as it comes. */
  readonly onErrorLine?: ((line: string) => void) | undefined;
  /** Leaves `stdout` and `stderr` of the end empty: for a program that writes much, and whose lines were received. Default: false. */
  readonly forget?: boolean | undefined;
}

/** How a program ended. */
interface GuardedEnd {
  /** `undefined` where a signal ended it, and where it could not be started. */
  readonly exitCode: number | undefined;
  /** Why it ended other than by itself, as the end of a sentence: "did not end within 10 s". */
  readonly trouble?: string | undefined;
  /** There is no such program. */
  readonly missing: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end. It is killed with all that it started when it takes too long or writes too much, when
 * `signal` aborts, and when this process dies, also by SIGKILL. What it started and left behind is killed, too.
 *
 * @throws the signal's reason once it has aborted, unless `interruptFirst` let it end
 */
export async function runGuarded(run: GuardedRun): Promise<GuardedEnd> {
  const { signal, limitMs, interruptFirst, input, onLine, onErrorLine, forget } = run;
  const { mostMebibytes = MOST_MEBIBYTES } = run;
  signal?.throwIfAborted();
  const child = spawnGuarded({ ...run, input: input === undefined ? 'ignore' : 'pipe', output: 'pipe' });
  const { stdin, stdout, stderr } = child.process as { stdin: NodeJS.WritableStream | null } & Record<
    'stdout' | 'stderr',
    Readable
  >;
  stdin?.on('error', () => {});
  if (input !== undefined) stdin?.end(input);

  let trouble: string | undefined;
  const giveUp = (reason: string): void => {
    trouble ??= reason;
    child.signalGroup('SIGKILL');
  };
  let size = 0;
  const counted = (stream: Readable): Readable =>
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostMebibytes * 2 ** 20) giveUp(`wrote more than ${mostMebibytes} MiB`);
    });
  const [output, errors] = [
    collect(counted(stdout), onLine, forget === true),
    collect(counted(stderr), onErrorLine, forget === true),
  ];

  const limit = setTimeout(() => giveUp(`did not end within ${limitMs / 1_000} s`), limitMs);
  let grace: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    if (interruptFirst === undefined) {
      giveUp('was interrupted');
      return;
    }
    // To the program alone: a provider of Terraform that is interrupted with it can't end what it does.
    child.process.kill('SIGINT');
    grace = setTimeout(() => giveUp('was interrupted, and did not end'), interruptFirst);
  };
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const { exitCode, missing } = await ended(child.process);
    await child.end();
    // What has left the group, such as a daemon, may hold the other ends of the pipes open without end.
    const last = setTimeout(() => {
      stdout.destroy();
      stderr.destroy();
    }, LAST_OUTPUT_MS);
    const texts = await Promise.all([output, errors]);
    clearTimeout(last);
    if (interruptFirst === undefined) signal?.throwIfAborted();
    const [standardOutput = '', standardError = ''] = texts;
    return {
      exitCode,
      trouble,
      missing,
      stdout: standardOutput,
      stderr: standardError,
    };
  } finally {
    clearTimeout(limit);
    clearTimeout(grace);
    signal?.removeEventListener('abort', interrupt);
    await child.end();
  }
}

/** Its lines, once the stream has ended or was destroyed. */
function collect(stream: Readable, onLine: ((line: string) => void) | undefined, forget: boolean): Promise<string> {
  const kept: string[] = [];
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
    if (!forget) kept.push(line);
    onLine?.(line);
  });
  return new Promise((resolve) => stream.once('close', () => resolve(kept.join('\n'))));
}

/** As a shell says that there is no such program; whatever is found and can't be run ends with 126. */
const NOT_FOUND = 127;

function ended(child: ChildProcess): Promise<Pick<GuardedEnd, 'exitCode' | 'missing'>> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve({ exitCode: code ?? undefined, missing: code === NOT_FOUND }));
  });
}

/**
 * A process is in the journal before it becomes what it is to be: we may be killed in the middle of starting it. The
 * minus is for its group: what it started goes with it.
 */
const ENROL = 'echo "+ process -$$" >&3; exec "$0" "$@" 3>&-';

/** A killed process is gone in less, unless the kernel itself holds it up. */
const MOST_WAIT_MS = 2_000;
const POLL_MS = 2;

/** A process to be started by {@link spawnGuarded}. */
interface GuardedCommand {
  /** The executable's path, or a name to be looked for in the PATH of `env`. */
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where standard input comes from. Default: nowhere. */
  readonly input?: 'inherit' | 'pipe' | 'ignore' | undefined;
  /** The file descriptors that standard output and standard error go to, or `pipe` for one of our own to each. */
  readonly output: number | 'pipe' | readonly [number | 'inherit', number | 'inherit'];
}

/** A running process and all that it started: its process group. */
interface GuardedChild {
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
