import { Readable } from 'node:stream';
import pLimit from 'p-limit';
import { vi } from 'vitest';
import { run } from '../../cli/run.js';
import type { CliOptions } from './cli.js';

/** What a command printed, without the last line's end, and how it ended. */
interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they were printed. */
  readonly all: string;
  readonly exitCode: number;
}

const oneAtATime = pLimit(1);
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command of `vaultproof` in this process, for a tenth of what a process of its own costs: for what it says and how
 * it ends. What receives signals, serves, or runs beside another needs `cli()`.
 */
export function cliInProcess(args: readonly string[], { env = {}, input = '' }: CliOptions = {}): Promise<CliResult> {
  return oneAtATime(async () => {
    const before = { env: process.env, exitCode: process.exitCode };
    const printed = { stdout: '', stderr: '', all: '' };
    const writes = (['stdout', 'stderr'] as const).map((stream) =>
      vi.spyOn(process[stream], 'write').mockImplementation((text) => {
        printed[stream] += text;
        printed.all += text;
        return true;
      }),
    );
    const stdin = vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([input]) as typeof process.stdin);
    const entries = Object.entries({ ...before.env, ...env }).filter(([, value]) => value !== undefined);
    process.env = Object.fromEntries(entries);
    process.exitCode = undefined;
    const listeners = SIGNALS.flatMap((signal) => process.listeners(signal));
    try {
      await run(args);
      const exitCode = Number(process.exitCode ?? 0);
      const trimmed = (text: string): string => text.replace(/\n$/, '');
      const { stdout, stderr, all } = printed;
      return { stdout: trimmed(stdout), stderr: trimmed(stderr), all: trimmed(all), exitCode };
    } finally {
      process.env = before.env;
      process.exitCode = before.exitCode;
      for (const signal of SIGNALS)
        for (const listener of process.listeners(signal))
          if (!listeners.includes(listener)) process.off(signal, listener);
      for (const spy of [...writes, stdin]) spy.mockRestore();
    }
  });
}
