import type { Readable } from 'node:stream';

/** A command and what it sees. */
export interface TiedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Takes standard output and standard error, line by line as they come. */
  readonly onLine: (line: string) => void;
}

// The shell leads a process group. Its standard input is a pipe that we hold and never write to: when that ends we are
// gone, however it happened, and the watcher takes the whole group down.
const guard = `
exec 3<&0 </dev/null
"$@" 3<&- &
command=$!
( read -r nothing <&3; kill -s KILL -- "-$$" ) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$command"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`;

/**
 * Runs a command to its end, and returns its exit code (undefined if it was killed). The command and all that it
 * starts are killed when `signal` aborts, and when this process dies, also by SIGKILL.
 *
 * @throws the signal's reason once it has aborted
 */
export async function runTied(command: TiedCommand): Promise<number | undefined> {
  const { execa } = await import('execa');
  const { createInterface } = await import('node:readline');
  command.signal.throwIfAborted();
  const child = execa('/bin/sh', ['-c', guard, 'vaultproof', command.file, ...command.args], {
    cwd: command.cwd,
    env: command.env,
    extendEnv: false,
    detached: true,
    all: true,
    buffer: false,
    reject: false,
    stdin: 'pipe',
  });
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  };
  command.signal.addEventListener('abort', killGroup, { once: true });
  try {
    const lines = createInterface({ input: child.all as Readable, crlfDelay: Number.POSITIVE_INFINITY });
    lines.on('line', command.onLine);
    const { exitCode } = await child;
    command.signal.throwIfAborted();
    return exitCode;
  } finally {
    command.signal.removeEventListener('abort', killGroup);
    killGroup();
  }
}
