import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { spawnGuarded } from '../engines/index.js';

/** One call of Terraform. */
export interface TerraformCall {
  /** The executable's path. */
  readonly path: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Interrupts it, as Ctrl-C does. */
  readonly signal: AbortSignal;
  /** How long it may take to end after that, in milliseconds; then it is killed with all that it started. */
  readonly graceMs: number;
  /** Receives standard output, line by line. */
  readonly onLine?: (line: string) => void;
}

/** How a call ended. */
export interface TerraformEnd {
  /** `undefined` when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs Terraform to its end. When the signal aborts, Terraform gets one SIGINT: it lets the operations under way end,
 * writes the state, gives the lock back and ends. It and its providers are killed when this process is.
 */
export async function runTerraform(call: TerraformCall): Promise<TerraformEnd> {
  const { path, args, folder, env, signal, graceMs, onLine } = call;
  signal.throwIfAborted();
  const child = spawnGuarded({ path, args, cwd: folder, env, output: 'pipe' });
  const output: string[] = [];
  const errors: string[] = [];
  const lines = createInterface({ input: child.stdout as Readable, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
    output.push(line);
    onLine?.(line);
  });
  (child.stderr as Readable).setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const allRead = once(lines, 'close');
  let grace: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    // To Terraform alone: a provider that is interrupted with it can't end what it does.
    child.kill('SIGINT');
    grace = setTimeout(() => killGroup(child.pid), graceMs);
  };
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null];
    await allRead;
    return { exitCode: exitCode ?? undefined, stdout: output.join('\n'), stderr: errors.join('') };
  } finally {
    clearTimeout(grace);
    signal.removeEventListener('abort', interrupt);
    killGroup(child.pid);
  }
}

/** Whatever is left of it, providers included. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left.
  }
}
