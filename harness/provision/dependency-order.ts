import pLimit from 'p-limit';
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
  const waiting = new Map<string, Item[]>(items.map(({ address }) => [address, []]));
  for (const item of items) for (const need of item.needs) waiting.get(need)?.push(item);
  // A need that is named twice is counted twice, and met twice.
  const missing = new Map(items.map((item) => [item, item.needs.length]));
  const ordered = items.filter(({ needs }) => needs.length === 0);
  // The list grows while it is walked.
  for (const { address } of ordered) {
    for (const item of waiting.get(address) ?? []) {
      const left = (missing.get(item) ?? 0) - 1;
      missing.set(item, left);
      if (left === 0) ordered.push(item);
    }
  }
  if (ordered.length === items.length) return ordered;
  const placed = new Set(ordered);
  const addresses = inCircles(items.filter((item) => !placed.has(item)));
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
 * @param items each after those that it needs, see {@link dependencyOrder}
 * @throws the error of the first that failed, when all that don't need a failed one are done
 */
export async function runInOrder<Item extends Dependent>(
  items: readonly Item[],
  atOnce: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const limit = pLimit(atOnce);
  const runs = new Map<string, Promise<void>>();
  for (const item of items) {
    const needed = Promise.all(item.needs.map((address) => runs.get(address)));
    runs.set(
      item.address,
      needed.then(() => limit(run, item)),
    );
  }
  const failed = (await Promise.allSettled(runs.values())).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
