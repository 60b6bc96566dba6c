import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runGuarded } from '../guardian/index.js';

/** An apply that waits this long waits for something that does not come. */
const LIMIT_MS = 60 * 60_000;
/** A plan of 10,000 resources has a tenth of that. */
const MOST_MEBIBYTES = 256;

/** One call of Terraform. */
export interface TerraformCall {
  /** The executable's path. */
  readonly path: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** The whole environment, except TMPDIR. */
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
 * writes the state, gives the lock back and ends. It and its providers are killed when this process is, and after an hour.
 */
export async function runTerraform({ folder, env, graceMs, ...call }: TerraformCall): Promise<TerraformEnd> {
  call.signal.throwIfAborted();
  // The sockets of its providers go with the folder.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary, { recursive: true });
  const { exitCode, trouble, stdout, stderr } = await runGuarded({
    ...call,
    cwd: folder,
    env: { ...env, TMPDIR: temporary },
    limitMs: LIMIT_MS,
    mostMebibytes: MOST_MEBIBYTES,
    interruptFirst: graceMs,
  });
  return { exitCode, stdout, stderr: trouble === undefined ? stderr : `${stderr}\n${call.path} ${trouble}`.trim() };
}
