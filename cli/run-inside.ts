import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { note } from './output.js';
import { SIGNALS } from './until-interrupted.js';

/** As a shell says it. */
const COMMAND_NOT_FOUND = 127;

/**
 * Runs a command with variables added to the environment, and passes signals on to it: whether they end it is its own
 * affair. (A terminal's Ctrl-C reaches it without us.)
 * @param output where its standard output goes
 * @returns its exit code; 128 and the signal's number when a signal ended it, 127 when it could not be run
 */
export async function runInside(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  output: 'stdout' | 'stderr',
): Promise<number> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    stdio: ['inherit', output === 'stdout' ? 'inherit' : 2, 'inherit'],
    env: { ...process.env, ...env },
  });
  const pass = (signal: NodeJS.Signals): void => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => {
        note(`"${file}" could not be run: ${error.message}`);
        resolve(COMMAND_NOT_FOUND);
      });
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}
