import { setTimeout as delay } from 'node:timers/promises';

/** How the lock is waited for. */
export interface LockOptions {
  /** For people: "vault 1.21.1". */
  readonly what: string;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

const staleMs = 10_000;
const updateMs = 2_000;
const pollMs = 200;
const remindMs = 30_000;
const attempts = 3;

/**
 * Runs `work` while no other process on this cache runs one for the same `path`, and returns what it returns. The lock
 * is the folder `<path>.lock`; it is touched every 2 s and counts as abandoned 10 s after its owner died. Who waits
 * says so. `work` starts again when the lock is lost (a machine that slept), up to three times in all, so it must look
 * at the cache first; its signal then aborts the earlier run.
 */
export async function withInstallLock<T>(
  path: string,
  options: LockOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const lost = new AbortController();
    const release = await acquire(path, options, lost);
    try {
      const { signal } = options;
      return await work(signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]));
    } catch (error) {
      if (!lost.signal.aborted || options.signal?.aborted || attempt === attempts) throw error;
      options.report(`the lock for installing ${options.what} was lost; starting again`);
    } finally {
      // A lost lock belongs to somebody else by now.
      await release().catch(() => {});
    }
  }
}

async function acquire(path: string, options: LockOptions, lost: AbortController): Promise<() => Promise<void>> {
  const { lock } = await import('proper-lockfile');
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      return await lock(path, {
        realpath: false,
        stale: staleMs,
        update: updateMs,
        onCompromised: (error) => lost.abort(error),
      });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ELOCKED')) throw error;
    }
    if (performance.now() - saidAt > remindMs) {
      saidAt = performance.now();
      options.report(`waiting for another process that is installing ${options.what}`);
    }
    await delay(pollMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}
