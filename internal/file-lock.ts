import { setTimeout as delay } from 'node:timers/promises';

const STALE_MS = 10_000;
const UPDATE_MS = 2_000;
const POLL_MS = 50;
const MOST_ATTEMPTS = 3;

/** How a lock is waited for, and what happens when it is lost. */
export interface LockOptions {
  /** The lock itself. Default: `<path>.lock`. */
  readonly lockPath?: string | undefined;
  /** How long it is waited for, in milliseconds. Default: no limit. */
  readonly limitMs?: number | undefined;
  /** Ends the wait, and the work's own signal. */
  readonly signal?: AbortSignal | undefined;
  /** Is told, again and again, that another process holds it. */
  readonly onWait?: (() => void) | undefined;
  /** Is told that it was lost, and that the work begins again. */
  readonly onLost?: (() => void) | undefined;
}

/** Another process holds the lock, and did for as long as it was waited for. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}

/**
 * Runs `work` while no other process runs one for the same `path`, and returns what it returns. The lock is a folder; it
 * is touched every 2 s and counts as abandoned 10 s after its owner died. It is lost where this process was stopped for
 * longer (a machine that slept): then the signal that `work` was given aborts, and `work` begins again once it holds the
 * lock, three times in all. So it reads first what it changes.
 * @throws LockedError after `limitMs`
 */
export async function withFileLock<Result>(
  path: string,
  options: LockOptions,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    const lost = new AbortController();
    const release = await acquire(path, options, lost);
    try {
      const { signal } = options;
      return await work(signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]));
    } catch (error) {
      if (!lost.signal.aborted || options.signal?.aborted || attempt === MOST_ATTEMPTS) throw error;
      options.onLost?.();
    } finally {
      // A lost lock belongs to another process by now.
      await release().catch(() => {});
    }
  }
}

async function acquire(path: string, options: LockOptions, lost: AbortController): Promise<() => Promise<void>> {
  const { lock } = await import('proper-lockfile');
  const { lockPath, limitMs = Number.POSITIVE_INFINITY, signal, onWait } = options;
  const since = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await lock(path, {
        realpath: false,
        stale: STALE_MS,
        update: UPDATE_MS,
        ...(lockPath !== undefined && { lockfilePath: lockPath }),
        onCompromised: (error) => lost.abort(error),
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    }
    if (performance.now() - since >= limitMs) throw new LockedError(`another process holds the lock of "${path}"`);
    onWait?.();
    await delay(POLL_MS * (0.5 + Math.random()), undefined, signal === undefined ? {} : { signal });
  }
}
