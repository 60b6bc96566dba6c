/** Has work done one after the other where it is on the same thing. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /**
   * Does work as soon as what came before it on the same thing is over, however that ended.
   * @param of what it is on, by a name
   */
  take<Result>(of: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(of);
    const turn = before === undefined ? work() : before.then(work, work);
    this.#last.set(of, turn);
    const over = (): void => {
      if (this.#last.get(of) === turn) this.#last.delete(of);
    };
    turn.then(over, over);
    return turn;
  }

  /** Waits until nothing that was asked for is under way. */
  async over(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
