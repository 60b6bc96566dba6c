let last: Promise<unknown> = Promise.resolve();

/**
 * Imports a module once those that were asked for before are there: Jest's loader of ES modules fails where two imports at
 * a time share a file.
 */
export function importInTurn<Module>(load: () => Promise<Module>): Promise<Module> {
  const loaded = last.then(load);
  last = loaded.catch(() => {});
  return loaded;
}
