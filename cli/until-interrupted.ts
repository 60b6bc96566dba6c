import { exitCodes } from './exit-codes.js';

export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Handlers of Ctrl-C and its like that are in place. */
export interface Interruption {
  /** Makes an interruption the regular end: from now on it exits with 0 instead of 130. */
  expect(): void;
  /** Takes the handlers away. */
  release(): void;
}

/**
 * Ends cleanly on Ctrl-C while something runs: `stop` is awaited, then the process exits. A second Ctrl-C exits at
 * once, and what is left is removed by the guardian. The handlers stay the same ones throughout: a signal that comes
 * while one handler is exchanged for another is lost.
 */
export function stopOnInterrupt(stop: () => Promise<void>): Interruption {
  let exitCode: number = exitCodes.interrupted;
  let interrupted = false;
  const onSignal = (): void => {
    if (interrupted) process.exit(exitCodes.interrupted);
    interrupted = true;
    const exit = (): never => process.exit(exitCode);
    stop().then(exit, exit);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    expect: () => {
      exitCode = exitCodes.done;
    },
    release: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}

/** Keeps the process alive until a signal's handler ends it. */
export function forever(): Promise<never> {
  return new Promise(() => {
    setInterval(() => {}, 2 ** 30);
  });
}
