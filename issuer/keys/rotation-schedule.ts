import { UsageError } from '../../errors/index.js';
import { type KnownOptions, refuseUnknownOptions } from '../../internal/known-options.js';
import type { Clock } from '../clock.js';
import type { KeyRing, RotationOptions } from './key-ring.js';

const CHECK_EVERY_MS = 1_000;

/** When keys are rotated, and how. */
export interface RotationScheduleOptions extends Pick<RotationOptions, 'leadSeconds' | 'overlapSeconds'> {
  /** Seconds of the issuer's clock between two rotations. */
  readonly everySeconds: number;
  /** Called with why a rotation failed; the next one is tried at its time. Default: ignored. */
  readonly warn?: ((message: string) => void) | undefined;
  /** How often the clock is looked at, since it can be moved; default 1000 ms. */
  readonly checkEveryMs?: number | undefined;
}

const scheduleOptions: KnownOptions<RotationScheduleOptions> = {
  everySeconds: true,
  leadSeconds: true,
  overlapSeconds: true,
  warn: true,
  checkEveryMs: true,
};

/** A rotation that happens by itself. */
export interface RotationSchedule {
  /** The time of the next rotation, in seconds since 1970 by the issuer's clock. */
  nextAt(): number;
  /** Ends it; idempotent. A rotation that has begun is finished first. */
  stop(): Promise<void>;
}

/**
 * Rotates the key of every algorithm that signs, again and again. A clock that jumps over several rotations makes one.
 * The timer does not keep the process alive.
 * @throws TypeError for an interval that is no whole number above 0, and for an unknown option
 * @example
 * const schedule = scheduleRotation(issuer, { everySeconds: 3600 });
 * await schedule.stop();
 */
export function scheduleRotation(
  { keys, clock }: { readonly keys: KeyRing; readonly clock: Clock },
  options: RotationScheduleOptions,
): RotationSchedule {
  refuseUnknownOptions('scheduleRotation', options, scheduleOptions);
  const { everySeconds, warn = () => {}, checkEveryMs = CHECK_EVERY_MS, ...rotation } = options;
  if (!Number.isSafeInteger(everySeconds) || everySeconds <= 0) {
    throw new UsageError(`"everySeconds" must be a whole number of seconds above 0, not "${everySeconds}"`);
  }
  let from = clock.now();
  let running: Promise<void> | undefined;
  const rotateAll = async (): Promise<void> => {
    const algorithms = new Set(keys.list().flatMap(({ key, state }) => (state === 'active' ? [key.alg] : [])));
    for (const alg of algorithms) await keys.rotate({ alg, ...rotation });
  };
  const timer = setInterval(() => {
    const now = clock.now();
    // A clock that was moved back starts again from there.
    if (now < from) from = now;
    if (running || now < from + everySeconds) return;
    from = now;
    running = rotateAll()
      .catch((error: unknown) => warn(`the keys could not be rotated: ${String(error)}`))
      .finally(() => {
        running = undefined;
      });
  }, checkEveryMs);
  timer.unref();
  return {
    nextAt: () => from + everySeconds,
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
