import { exitCodes } from './exit.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const SHELL_CHECK_MS = 250;

/** The reason of what was given up because the user said so. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** What happens on Ctrl-C and its like, from the first moment of a command to its last. */
export interface Interruption {
  /** Aborts, with {@link Interrupted}, at the first signal: for a start, a download, a build. */
  readonly signal: AbortSignal;
  /** From now on a signal has `stop` awaited, and then ends the process with an exit code; default 130. */
  stopFirst(stop: () => Promise<void>, exitCode?: number): void;
  /** Hands signals to a command that runs inside, instead of ending. */
  passTo(receiver: (signal: NodeJS.Signals) => void): void;
}

/**
 * Handles signals for a command. A second Ctrl-C exits at once, and the guardian removes what is left. The handlers are
 * installed once: a signal that comes while one is exchanged for another is lost, or ends the process by itself.
 */
export function handleInterruption(): Interruption {
  const controller = new AbortController();
  let receive = (): void => {};
  let pass: ((signal: NodeJS.Signals) => void) | undefined;
  let isSignalled = false;
  const handle = (signal: NodeJS.Signals) => {
    isSignalled = true;
    if (pass) return pass(signal);
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort(new Interrupted('interrupted'));
    receive();
  };
  for (const signal of SIGNALS) process.on(signal, () => handle(signal));
  // Ctrl-C ends that shell, too: it is no second one.
  whenShellOfNpxEnds(() => isSignalled || handle('SIGTERM'));
  return {
    signal: controller.signal,
    stopFirst: (stop, exitCode = exitCodes.interrupted) => {
      const exit = (): never => process.exit(exitCode);
      receive = () => {
        stop().then(exit, exit);
      };
    },
    passTo: (receiver) => {
      pass = receiver;
    },
  };
}

/** npx hands SIGTERM to the shell that it runs a command in, and the shell to nobody: that the shell is gone stands for it. */
function whenShellOfNpxEnds(end: () => unknown): void {
  const { npm_lifecycle_event: event, npm_lifecycle_script: script = '' } = process.env;
  if (event !== 'npx' || !/^['"]?vaultproof\b/.test(script)) return;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    end();
  }, SHELL_CHECK_MS);
  timer.unref();
}

/** Keeps the process alive until a signal ends it, or until something fails that is to last as long. */
export async function forever(unless?: Promise<never>): Promise<never> {
  const timer = setInterval(() => {}, 2 ** 30);
  try {
    return await (unless ?? new Promise<never>(() => {}));
  } finally {
    clearInterval(timer);
  }
}
