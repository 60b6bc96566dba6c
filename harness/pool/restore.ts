import { differing, readAll, type Snapshot } from './snapshot.js';

/** Undoing one thing may bring another to light, such as a namespace in a namespace. */
const PASSES = 4;

/** How a server is made as new. */
export interface Restoring {
  /** What it showed when it was new. */
  readonly pristine: Snapshot;
  /** What it shows at a path now. */
  read(path: string): Promise<string>;
  /** What it shows after a lease, as far as anything may have changed it. */
  readFirst(): Promise<Snapshot>;
  /** Undoes what can be undone of what it shows and should not. */
  undo(shown: Snapshot): Promise<void>;
  /** Waits until no request of others is under way; resolves with whether one was. */
  settle?(): Promise<boolean>;
  /** What a login that is under way may still make, and is read once more at the end. */
  readonly madeByLogins: readonly string[];
}

/**
 * Reads all that a server shows, undoes what is not as it was when it was new, and reads that again.
 * @returns what still differs; undefined for nothing
 */
export async function restore({
  pristine,
  read,
  readFirst,
  undo,
  settle,
  madeByLogins,
}: Restoring): Promise<string | undefined> {
  let shown = differing(pristine, await readFirst());
  for (let pass = 1; shown.size > 0; pass++) {
    if (pass === PASSES) return `it showed something else at ${[...shown.keys()].join(', ')}`;
    await undo(shown);
    const again = (await settle?.()) ? pristine.keys() : new Set([...shown.keys(), ...madeByLogins]);
    shown = differing(pristine, await readAll(again, read));
  }
  return undefined;
}
