/** Aborts its signal when one step that it watches takes longer than `idleMs` milliseconds. */
export class SilenceTimer {
  readonly #controller = new AbortController();
  readonly #idleMs: number;

  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  /** Aborted once a step took too long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs a step against the clock, and returns what it returns. */
  async watch<T>(step: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#controller.abort(), this.#idleMs);
    try {
      return await step();
    } finally {
      clearTimeout(timer);
    }
  }
}
