/** Runs one thing after the other. */
export interface Turns {
  /** Runs it when all that was given before has ended, well or not; rejects as it does. */
  take<Result>(run: () => Promise<Result>): Promise<Result>;
  /** Resolves when what was given so far has ended, and never rejects. */
  ended(): Promise<unknown>;
}

/** Turns for those who would be in each other's way. */
export function inTurn(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: (run) => {
      const turn = last.then(run);
      last = turn.catch(() => {});
      return turn;
    },
    ended: () => last,
  };
}
