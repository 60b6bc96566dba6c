import type { Clock } from '../clock.js';

/** How failures are slowed down. */
export interface FailureLimits {
  /** How many cost nothing; after the next one it is 1 s, then 2 s, 4 s and so on. */
  readonly free: number;
  readonly longestWaitSeconds: number;
}

/** The failures of many, each told by a name of any length. */
export interface Failures {
  /** How many seconds to wait before the next attempt; 0 for none. */
  waitOf(subject: string): number;
  count(subject: string): void;
  forgive(subject: string): void;
}

interface Failed {
  readonly failures: number;
  /** When it failed last. */
  readonly from: number;
  /** Until when it must wait. */
  readonly until: number;
}

const FORGET_AFTER_SECONDS = 900;
const MOST_SUBJECTS = 10_000;

/** Failures by a clock, none yet. Those of a quarter of an hour ago are forgotten. */
export function failuresBy(clock: Pick<Clock, 'now'>, { free, longestWaitSeconds }: FailureLimits): Failures {
  const records = new Map<string, Failed>();
  return {
    waitOf: (subject) => {
      const record = records.get(subject);
      const now = clock.now();
      // A clock that was moved back before the failure must not make the wait longer.
      return record && now >= record.from && now < record.until ? record.until - now : 0;
    },
    count: (subject) => {
      const now = clock.now();
      const { failures: before, from } = records.get(subject) ?? { failures: 0, from: now };
      const failures = now - from > FORGET_AFTER_SECONDS ? 1 : before + 1;
      const wait = failures <= free ? 0 : Math.min(2 ** (failures - free - 1), longestWaitSeconds);
      records.delete(subject);
      records.set(subject, { failures, from: now, until: now + wait });
      // The subject that has been quiet the longest comes first.
      const [oldest] = records.keys();
      if (records.size > MOST_SUBJECTS && oldest !== undefined) records.delete(oldest);
    },
    forgive: (subject) => {
      records.delete(subject);
    },
  };
}
