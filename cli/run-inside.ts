import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { guard } from '../harness/guardian/index.js';
import type { Interruption } from './interruption.js';
import { note } from './output.js';

/** As a shell says it. */
const COMMAND_NOT_FOUND = 127;

/** A command, and where it runs. */
interface InsideCommand {
  readonly command: readonly string[];
  /** Variables added to the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its standard output goes. */
  readonly output: 'stdout' | 'stderr';
  readonly interruption: Interruption;
}

/**
 * Runs a command and passes signals on to it: whether they end it is its own affair. It is killed when this process is,
 * and with it what it started. On a terminal it stays in our process group, where Ctrl-C reaches it without us; elsewhere
 * it has a group of its own, whose rest is killed when the command has ended.
 * @returns its exit code; 128 and the signal's number when a signal ended it, 127 when it could not be run
 */
export async function runInside({ command, env, output, interruption }: InsideCommand): Promise<number> {
  const [file = '', ...args] = command;
  if (file === '') return notRun(file, 'it has no name');
  const { isTTY } = process.stdin;
  const child = spawn(file, args, {
    stdio: ['inherit', output === 'stdout' ? 'inherit' : 2, 'inherit'],
    env: { ...process.env, ...env },
    detached: !isTTY,
  });
  const { pid } = child;
  const ended = pid === undefined ? [] : [guard('descendants', pid), ...(isTTY ? [] : [guard('process', -pid)])];
  const toGroup = (signal: NodeJS.Signals): void => {
    try {
      if (pid !== undefined) process.kill(-pid, signal);
    } catch {
      // It has just ended.
    }
  };
  interruption.passTo((signal) => {
    if (!isTTY) toGroup(signal);
    else if (signal !== 'SIGINT') child.kill(signal);
  });
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', (error) => resolve(notRun(file, error.message)));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  if (!isTTY) toGroup('SIGKILL');
  for (const end of ended) end();
  return exitCode;
}

function notRun(file: string, reason: string): number {
  note(`"${file}" could not be run: ${reason}`);
  return COMMAND_NOT_FOUND;
}
