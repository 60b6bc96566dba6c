import { UsageError } from '../errors/index.js';

/** The time that an issuer uses, which can be moved. Times are whole seconds since 1970. */
export interface Clock {
  /** The time, moved by as much as it was told. */
  now(): number;
  /**
   * Makes it `time` now, and lets it go on from there.
   * @throws TypeError for a time after the year 9999, as milliseconds are
   */
  moveTo(time: number): void;
  /** Moves it by seconds, back when negative. */
  advance(seconds: number): void;
  /** Uses the system's time again. */
  reset(): void;
}

/** The last second of the year 9999, the last that dates have (RFC 3339). */
const LAST_TIME = 253_402_300_799;

/** A clock that uses the system's time until it is moved. */
export function startClock(): Clock {
  let offset = 0;
  const system = (): number => Math.floor(Date.now() / 1000);
  return {
    now: () => system() + offset,
    moveTo: (time) => {
      if (time > LAST_TIME) {
        throw new UsageError(
          `"time" is ${time}, after the year 9999: expected seconds since 1970, Math.floor(Date.now() / 1000)`,
        );
      }
      offset = whole('time', time) - system();
    },
    advance: (seconds) => {
      offset += whole('seconds', seconds);
    },
    reset: () => {
      offset = 0;
    },
  };
}

function whole(name: string, value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new UsageError(`"${name}" must be a whole number of seconds, not "${value}"`);
}
