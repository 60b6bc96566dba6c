import { VaultproofError } from '../../errors/index.js';

/** Something that has to wait for others. */
export interface Dependent {
  readonly address: string;
  /** The addresses of those that it waits for. */
  readonly needs: readonly string[];
}

/**
 * Puts each after those that it needs, and otherwise leaves the order.
 * @throws VaultproofError `dependency_cycle` with those that are in a circle, and none that only wait for one
 */
export function dependencyOrder<Item extends Dependent>(items: readonly Item[]): Item[] {
  const { ready, release } = waitingList(items);
  // The list grows while it is walked.
  for (const item of ready) release(item);
  if (ready.length === items.length) return ready;
  const ordered = new Set(ready);
  const addresses = inCircles(items.filter((item) => !ordered.has(item)));
  const what = addresses.length === 1 ? 'a resource depends on itself' : 'resources depend on each other';
  throw new VaultproofError('dependency_cycle', `${what}: ${addresses.join(', ')}; break the cycle`, {
    details: { addresses },
  });
}

/** The addresses of those that wait for themselves, directly or by way of others. */
function inCircles(items: readonly Dependent[]): string[] {
  const needsOf = new Map(items.map(({ address, needs }) => [address, needs]));
  const waitsForItself = (address: string): boolean => {
    const seen = new Set<string>();
    const ahead = [...(needsOf.get(address) ?? [])];
    for (let need = ahead.pop(); need !== undefined; need = ahead.pop()) {
      if (need === address) return true;
      if (seen.has(need)) continue;
      seen.add(need);
      ahead.push(...(needsOf.get(need) ?? []));
    }
    return false;
  };
  return items.map(({ address }) => address).filter(waitsForItself);
}

/**
 * Runs a function for each, as soon as it has run for those that it needs, for a limited number at a time.
 * @throws the first error, when all that don't need the failed one are done
 */
export function runInOrder<Item extends Dependent>(
  items: readonly Item[],
  atOnce: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const { ready, release } = waitingList(items);
  const errors: unknown[] = [];
  let started = 0;
  let ended = 0;
  return new Promise((resolve, reject) => {
    const goOn = (): void => {
      for (let item = ready[started]; item && started - ended < atOnce; item = ready[started]) {
        started++;
        run(item).then(succeeded.bind(undefined, item), failed);
      }
      if (ended < ready.length) return;
      if (errors.length === 0) resolve();
      else reject(errors[0]);
    };
    const succeeded = (item: Item): void => {
      release(item);
      ended++;
      goOn();
    };
    const failed = (error: unknown): void => {
      errors.push(error);
      ended++;
      goOn();
    };
    goOn();
  });
}

/** Those that wait for nothing, to which `release` adds those that waited for nothing but the one that it is given. */
function waitingList<Item extends Dependent>(items: readonly Item[]): { ready: Item[]; release(item: Item): void } {
  // A need that is named twice is counted twice, and found twice.
  const missing = new Map<Item, number>();
  const waiting = new Map<string, Item[]>();
  for (const item of items) {
    missing.set(item, item.needs.length);
    for (const need of item.needs) {
      const others = waiting.get(need);
      if (others) others.push(item);
      else waiting.set(need, [item]);
    }
  }
  const ready = items.filter(({ needs }) => needs.length === 0);
  return {
    ready,
    release: ({ address }) => {
      for (const item of waiting.get(address) ?? []) {
        const left = (missing.get(item) ?? 0) - 1;
        missing.set(item, left);
        if (left === 0) ready.push(item);
      }
    },
  };
}
