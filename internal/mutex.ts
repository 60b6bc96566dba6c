/**
 * Runs tasks of one key one after the other, and tasks of different keys side by side. A task that fails does not keep the
 * next from running.
 *
 * @example
 * const mutex = new KeyedMutex();
 * await Promise.all([mutex.run('a', first), mutex.run('a', second), mutex.run('b', other)]); // second begins after first
 */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs a task when all that were given for its key before have ended; at once where none is running. Rejects as it does. */
  run<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key);
    const running = before === undefined ? task() : before.then(task, task);
    this.#last.set(key, running);
    const ended = (): void => {
      if (this.#last.get(key) === running) this.#last.delete(key);
    };
    running.then(ended, ended);
    return running;
  }

  /** Resolves when the tasks that were given so far have ended, and never rejects. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}

/** A {@link KeyedMutex} with one key: runs its tasks one after the other. */
export class Mutex {
  readonly #tasks = new KeyedMutex();

  /** Runs a task when all that were given before have ended; at once where none is running. Rejects as it does. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#tasks.run('', task);
  }

  /** Resolves when the tasks that were given so far have ended, and never rejects. */
  idle(): Promise<void> {
    return this.#tasks.idle();
  }
}
