/** Has work done one after the other where it is on the same thing. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /**
   * Does work as soon as what came before it on the same thing is over, however that ended.
   * @param of what it is on, by a name
   */
  async take<Result>(of: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.#last.get(of) ?? Promise.resolve()).then(work, work);
    this.#last.set(of, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(of) === turn) this.#last.delete(of);
    }
  }

  /** Waits until nothing that was asked for is under way. */
  async over(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
