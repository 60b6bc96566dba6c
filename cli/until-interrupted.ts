import { exitCodes } from './exit-codes.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ends cleanly on Ctrl-C while something runs: `stop` is awaited, then the process exits with 130. A second Ctrl-C
 * exits at once, and what is left is removed by the guardian.
 * @returns a function that takes the handlers away again
 */
export function stopOnInterrupt(stop: () => Promise<void>): () => void {
  let interrupted = false;
  const onSignal = (): void => {
    if (interrupted) process.exit(exitCodes.interrupted);
    interrupted = true;
    stop().then(
      () => process.exit(exitCodes.interrupted),
      () => process.exit(exitCodes.interrupted),
    );
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP, and keeps the process alive until then. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, 2 ** 30);
    for (const signal of SIGNALS) {
      process.once(signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });
}
