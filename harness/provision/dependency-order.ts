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
  // A need that is named twice is counted twice, and found twice.
  const missing = new Map(items.map(({ address, needs }) => [address, needs.length]));
  const waiting = new Map<string, Item[]>();
  for (const item of items) {
    for (const need of item.needs) {
      const others = waiting.get(need);
      if (others) others.push(item);
      else waiting.set(need, [item]);
    }
  }
  const ordered = items.filter(({ needs }) => needs.length === 0);
  // The list grows while it is walked.
  for (const { address } of ordered) {
    for (const item of waiting.get(address) ?? []) {
      const left = (missing.get(item.address) ?? 0) - 1;
      missing.set(item.address, left);
      if (left === 0) ordered.push(item);
    }
  }
  if (ordered.length === items.length) return ordered;
  const addresses = inCircles(items.filter(({ address }) => (missing.get(address) ?? 0) > 0));
  const what = addresses.length === 1 ? 'a resource waits for itself' : 'resources wait for each other';
  throw new VaultproofError('dependency_cycle', `${what}: ${addresses.join(', ')}; break the circle`, {
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
 * Runs a function for each, after it has run for those that it needs, for a limited number at a time.
 * @param items in an order as {@link dependencyOrder} gives it
 * @throws the first error, when all that don't need the failed one are done
 */
export async function runInOrder<Item extends Dependent>(
  items: readonly Item[],
  atOnce: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const done = new Map<string, Promise<boolean>>();
  const errors: unknown[] = [];
  const one = async (item: Item): Promise<boolean> => {
    const needed = await Promise.all(item.needs.map((address) => done.get(address)));
    if (needed.includes(false)) return false;
    try {
      await run(item);
      return true;
    } catch (error) {
      errors.push(error);
      return false;
    }
  };
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      const running = one(item);
      done.set(item.address, running);
      await running;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (errors.length > 0) throw errors[0];
}
