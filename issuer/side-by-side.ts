/** Runs some things at once, and the others when these have ended, in the order in which they came. */
export interface SideBySide {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** @param most how many run at once */
export function sideBySide(most: number): SideBySide {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    run: async (work) => {
      if (running === most) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        return await work();
      } finally {
        // Who waited longest takes the place, which is never free in between.
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}
