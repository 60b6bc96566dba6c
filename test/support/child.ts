import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** What a child runs with besides its input. */
export interface ChildOptions {
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How a child ended, and all that it wrote. */
export interface ChildEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A TypeScript file that runs in a process of its own. */
export interface Child {
  readonly pid: number;
  /** The first line of its standard output, which is JSON; rejects when it ends without one. */
  readonly started: Promise<unknown>;
  readonly ended: Promise<ChildEnd>;
  /** Sends it a line on standard input, by which it goes on. */
  goOn(): void;
  kill(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void;
}

/** Starts a TypeScript file of this folder with `input` as JSON in its first argument. */
export function startChild(name: string, input: unknown, options: ChildOptions = {}): Child {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const child = execa(process.execPath, ['--import', 'tsx', path, JSON.stringify(input)], {
    reject: false,
    stdin: 'pipe',
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const ended = child.then(({ exitCode, signal, stdout, stderr }) => ({ exitCode, signal, stdout, stderr }));
  const started = new Promise<unknown>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => {
      try {
        resolve(JSON.parse(line));
      } catch {
        reject(new Error(`${name} printed something else than JSON: ${line}`));
      }
    });
    void ended.then(({ stderr }) => reject(new Error(`${name} ended without a line of output:\n${stderr}`)));
  });
  started.catch(() => {});
  return {
    pid: child.pid ?? 0,
    started,
    ended,
    goOn: () => {
      child.stdin.write('go on\n');
    },
    kill: (signal) => {
      child.kill(signal);
    },
  };
}
