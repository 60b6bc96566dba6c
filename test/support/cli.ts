import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { prepared } from './prepared.js';

/** How the command line is called. */
export interface CliOptions {
  /** Added to this process's own environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input; default none. */
  readonly input?: string;
}

/** Runs `vaultproof` as it is published; a failure is an exit code, not an exception. */
export function cli(args: readonly string[], { env = {}, input = '' }: CliOptions = {}) {
  return execa(process.execPath, [prepared().cli, ...args], { reject: false, all: true, env, input });
}

/** Runs `vaultproof` on a terminal of its own, where `input` is typed. Linux only. */
export function cliOnTerminal(args: readonly string[], input: string) {
  const command = [process.execPath, prepared().cli, ...args].map((word) => `'${word}'`).join(' ');
  return execa('script', ['--quiet', '--return', '--command', command, '/dev/null'], { reject: false, input });
}

/** The first line that a running command prints on standard output. */
export function firstLine(running: ReturnType<typeof cli>): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: running.stdout }).once('line', resolve);
    void running.then(({ stderr }) => reject(new Error(`it ended without a line of output:\n${stderr}`)));
  });
}

/**
 * An `npx` that runs `vaultproof` as it is now, whatever the folder is that it is called in.
 * @returns the folder to have on PATH, made below the one given
 */
export async function npxIn(folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const script = `#!/bin/sh\nshift\nexec "${process.execPath}" "${prepared().cli}" "$@"\n`;
  await writeFile(join(bin, 'npx'), script, { mode: 0o755 });
  return bin;
}
