import { createHash } from 'node:crypto';
import { Mutex } from '../../internal/mutex.js';
import type { Clock } from '../clock.js';

/** Who is guessed at, and from where. */
export interface Guess {
  readonly name: string;
  /** The address that asks; empty where it is not known. */
  readonly address: string;
}

/** Slows guessing down, without keeping out who is guessed at. */
export interface Throttle {
  /**
   * Makes one attempt, after those at the same name from the same address that are under way: guesses side by side count one
   * by one.
   * @param attempt says whether it succeeded, which forgives the failures before, or failed; undefined counts for nothing
   * @returns what the attempt gave, or how many seconds to wait before the next one
   */
  attempt<T>(
    guess: Guess,
    attempt: () => Promise<{ readonly success: boolean | undefined; readonly value: T }>,
  ): Promise<{ readonly value: T } | { readonly retryAfterSeconds: number }>;
}

/** At a name from one address. */
const HERE = { free: 4, longestWaitSeconds: 300 };
/** At all names from an address, and at a name from all addresses. */
const ELSEWHERE = { free: 50, longestWaitSeconds: 60 };
const MOST_WAITING = 100;
const MOST_UNDER_WAY = 64;
/** Side by side, each on a thread of libuv's, which has four: the others are left to users who are known, and to signatures. */
const LANES = 2;
const MOST_KNOWN = 10_000;
const FORGET_AFTER_SECONDS = 900;
const MOST_SUBJECTS = 10_000;

/**
 * A throttle that goes by a clock. Of failures at a name from an address four are free, then it is 1 s, 2 s, 4 s and so on up to 5
 * minutes; of those from an address, and of those at a name, 50, then up to a minute. The latter two and the number of attempts
 * under way do not count for a user who has succeeded from that address before: others' guesses do not lock them out.
 * Nor do those users wait for attempts of others, of which two run side by side.
 * @param mostUnderWay how many attempts of others are under way at once, those that wait for their turn included; default 64
 */
export function throttle(clock: Pick<Clock, 'now'>, mostUnderWay: number = MOST_UNDER_WAY): Throttle {
  const here = failuresBy(clock, HERE);
  const atNames = failuresBy(clock, ELSEWHERE);
  const fromAddresses = failuresBy(clock, ELSEWHERE);
  const known = new Set<string>();
  const queues = new Map<string, { last: Promise<unknown>; length: number }>();
  const lanes = Array.from({ length: LANES }, () => new Mutex());
  let underWay = 0;
  let begun = 0;

  const remember = (both: string): void => {
    known.delete(both);
    known.add(both);
    const [oldest] = known;
    if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  };
  const waitOf = (both: string, name: string, address: string): number => {
    const own = here.waitOf(both);
    if (known.has(both)) return own;
    const others = Math.max(own, atNames.waitOf(name), fromAddresses.waitOf(address));
    return others === 0 && underWay >= mostUnderWay ? 1 : others;
  };

  return {
    attempt: async (guess, attempt) => {
      const [both, name, address] = [digest(guess.name, guess.address), digest(guess.name), guess.address];
      const queue = queues.get(both) ?? { last: Promise.resolve(), length: 0 };
      if (queue.length >= MOST_WAITING) return { retryAfterSeconds: 1 };
      queue.length += 1;
      queues.set(both, queue);
      const turn = queue.last.then(async () => {
        const retryAfterSeconds = waitOf(both, name, address);
        if (retryAfterSeconds > 0) return { retryAfterSeconds };
        underWay += 1;
        try {
          const lane = known.has(both) ? undefined : lanes[begun++ % LANES];
          const { success, value } = await (lane?.run(attempt) ?? attempt());
          if (success === true) {
            here.forgive(both);
            remember(both);
          }
          if (success === false) {
            here.count(both);
            atNames.count(name);
            fromAddresses.count(address);
          }
          return { value };
        } finally {
          underWay -= 1;
        }
      });
      queue.last = turn.catch(() => {});
      try {
        return await turn;
      } finally {
        queue.length -= 1;
        if (queue.length === 0) queues.delete(both);
      }
    },
  };
}

/** A name is as long as a header may be, and many are kept. */
function digest(...texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('base64');
}

/** How failures are slowed down. */
interface FailureLimits {
  /** How many cost nothing; after the next one it is 1 s, then 2 s, 4 s and so on. */
  readonly free: number;
  readonly longestWaitSeconds: number;
}

/** The failures of many, each told by a name of any length. */
interface Failures {
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

/** Failures by a clock, none yet. Those of a quarter of an hour ago are forgotten. */
function failuresBy(clock: Pick<Clock, 'now'>, { free, longestWaitSeconds }: FailureLimits): Failures {
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
