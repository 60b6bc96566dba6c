import type { Clock } from '../clock.js';

/** Slows guessing down: after some failures a subject must wait, twice as long after each further one. */
export interface Throttle {
  /**
   * Makes one attempt, after those of the same subject that are under way: guesses side by side count one by one.
   * @param attempt says whether it succeeded, which forgives the failures before, or failed; undefined counts for nothing
   * @returns what the attempt gave, or how many seconds to wait before the next one
   */
  attempt<T>(
    subject: string,
    attempt: () => Promise<{ readonly success: boolean | undefined; readonly value: T }>,
  ): Promise<{ readonly value: T } | { readonly retryAfterSeconds: number }>;
}

interface Failures {
  failures: number;
  /** When it failed last. */
  from: number;
  /** Until when it must wait. */
  until: number;
}

const FREE_FAILURES = 4;
const LONGEST_WAIT_SECONDS = 300;
const FORGET_AFTER_SECONDS = 900;
const MOST_SUBJECTS = 10_000;
const MOST_WAITING = 100;

/** A throttle that goes by a clock: four failures are free, then it is 1 s, 2 s, 4 s and so on up to 5 minutes. */
export function throttle(clock: Pick<Clock, 'now'>): Throttle {
  const records = new Map<string, Failures>();
  const queues = new Map<string, { last: Promise<unknown>; length: number }>();

  const waitOf = (subject: string): number => {
    const record = records.get(subject);
    const now = clock.now();
    // A clock that was moved back before the failure must not make the wait longer.
    return record && now >= record.from && now < record.until ? record.until - now : 0;
  };
  const settle = (subject: string, success: boolean | undefined): void => {
    if (success === undefined) return;
    const record = records.get(subject) ?? { failures: 0, from: 0, until: 0 };
    records.delete(subject);
    if (success) return;
    const now = clock.now();
    const failures = now - record.from > FORGET_AFTER_SECONDS ? 1 : record.failures + 1;
    const wait = failures <= FREE_FAILURES ? 0 : Math.min(2 ** (failures - FREE_FAILURES - 1), LONGEST_WAIT_SECONDS);
    records.set(subject, { failures, from: now, until: now + wait });
    // The subject that has been quiet the longest comes first.
    const [oldest] = records.keys();
    if (records.size > MOST_SUBJECTS && oldest !== undefined) records.delete(oldest);
  };

  return {
    attempt: async (subject, attempt) => {
      const queue = queues.get(subject) ?? { last: Promise.resolve(), length: 0 };
      if (queue.length >= MOST_WAITING) return { retryAfterSeconds: 1 };
      queue.length += 1;
      queues.set(subject, queue);
      const turn = queue.last.then(async () => {
        const retryAfterSeconds = waitOf(subject);
        if (retryAfterSeconds > 0) return { retryAfterSeconds };
        const { success, value } = await attempt();
        settle(subject, success);
        return { value };
      });
      queue.last = turn.catch(() => {});
      try {
        return await turn;
      } finally {
        queue.length -= 1;
        if (queue.length === 0) queues.delete(subject);
      }
    },
  };
}
