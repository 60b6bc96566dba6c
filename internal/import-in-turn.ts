import { once } from './once.js';

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

/**
 * The same, once for all calls: a loader of TypeScript, as tsx has one, asks another thread for each import, even for a module
 * that is there. For what each lease, apply or login imports.
 *
 * @example
 * const importHttpClient = importOnce(() => import('./http-client.js'));
 * const { httpClient } = await importHttpClient();
 */
export function importOnce<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return once(() => importInTurn(load));
}
