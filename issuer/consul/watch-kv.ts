import { setTimeout as after } from 'node:timers/promises';
import type { VaultproofError } from '../../errors/index.js';
import type { ConsulKv, KvAnswer } from './consul-kv.js';

/** What is watched, and who is told. */
export interface KvWatchOptions {
  readonly key: string;
  /** All keys that begin with it, too; default false. */
  readonly recurse?: boolean;
  /** What was read last: nothing is told until there is something else. */
  readonly from: KvAnswer;
  /** How long a query waits, in seconds. */
  readonly waitSeconds: number;
  /**
   * Is told every answer, also one that has nothing new.
   * @param isFresh it was read without waiting, since what was known before may be another server's
   */
  readonly onAnswer: (answer: KvAnswer, isFresh: boolean) => void | Promise<void>;
  /** Is told of each query that fails, but for the first one in a row without an answer. */
  readonly onFailure: (error: VaultproofError) => void;
}

/** A watch that is on. */
export interface KvWatch {
  /** Ends it; who is told is told nothing more. The client stays open. */
  close(): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** An answer without anything new that comes sooner has not waited. */
const SOON_MS = 1_000;
/** However often it is written, it is read at most 40 times a second. */
const GAP_MS = 25;

/**
 * Follows keys by blocking queries, one after the other, by Consul's rules: an index that goes backwards or is not known
 * begins anew, none is below 1, and what fails or comes back too soon is asked again later, with jitter.
 * @see https://developer.hashicorp.com/consul/api-docs/features/blocking
 */
export function watchKv(kv: Pick<ConsulKv, 'read'>, options: KvWatchOptions): KvWatch {
  const { key, recurse = false, waitSeconds, onAnswer, onFailure } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const pause = async (ms: number): Promise<void> => {
    // It rejects when the watch ends, which the loop looks at by itself.
    if (ms > 0) await after(ms, undefined, { signal, ref: false }).catch(() => {});
  };
  const follow = async (): Promise<void> => {
    let known = options.from;
    let index = nextIndex(0, known.index);
    let failures = 0;
    let idle = 0;
    while (!signal.aborted) {
      const askedAt = performance.now();
      const answer = await kv.read(key, { recurse, index, waitSeconds }).catch((error: VaultproofError) => error);
      if (signal.aborted) return;
      if (answer instanceof Error) {
        // Whoever answers next may be another server, whose indexes are other ones: one that is too great would wait.
        index = 0;
        failures += 1;
        // An idle connection is cut by whatever is between, which says nothing yet.
        if (failures > 1 || answer.code !== 'request_failed') onFailure(answer);
        await pause(pauseMs(failures - 1));
        continue;
      }
      failures = 0;
      const isFresh = index === 0;
      const isNew = !isSame(known, answer);
      index = nextIndex(index, answer.index);
      known = answer;
      await onAnswer(answer, isFresh);
      const took = performance.now() - askedAt;
      idle = isNew || took > SOON_MS ? 0 : idle + 1;
      await pause(Math.max(isNew ? GAP_MS - took : 0, pauseMs(idle)));
    }
  };
  void follow();
  return { close: () => ending.abort() };
}

/**
 * The index to wait beyond next; 0 is to read without waiting.
 * @param asked what was waited beyond, 0 for nothing
 */
export function nextIndex(asked: number, answered: number): number {
  return answered < asked ? 0 : Math.max(1, answered);
}

/** None for 0, then 50 to 100 ms, 100 to 200 ms and so on, 5 s at most. */
function pauseMs(times: number): number {
  if (times === 0) return 0;
  return Math.min(FIRST_PAUSE_MS * 2 ** (times - 1), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
}

function isSame(one: KvAnswer, other: KvAnswer): boolean {
  const { entries } = other;
  return (
    one.entries.length === entries.length &&
    one.entries.every(({ key, modifyIndex }, at) => key === entries[at]?.key && modifyIndex === entries[at].modifyIndex)
  );
}
