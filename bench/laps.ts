import { median } from './paired-rounds.js';

/** Where the time of a sample goes, for the notes under the table. */
export interface Laps {
  /** Runs a step and keeps its duration in milliseconds under its name. */
  lap<Result>(step: string, run: () => Promise<Result>): Promise<Result>;
  /** The medians, such as `start 110.2, apply 9.1`. */
  toString(): string;
}

/** A stop-watch for the steps of one side. */
export function laps(): Laps {
  const durations = new Map<string, number[]>();
  return {
    lap: async (step, run) => {
      const begin = performance.now();
      const result = await run();
      durations.set(step, [...(durations.get(step) ?? []), performance.now() - begin]);
      return result;
    },
    toString: () => [...durations].map(([step, values]) => `${step} ${median(values).toFixed(1)}`).join(', '),
  };
}
