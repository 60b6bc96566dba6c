import type { EngineName, ServerOptions } from 'vaultproof';
import type { TestContext } from 'vitest';
import { prepared } from './prepared.js';
import { requires } from './requirement.js';

/** Both engines, for `describe.each`. */
export const engines: readonly EngineName[] = ['process', 'docker'];

/** What makes a server run on an engine, in the images that the global set-up has at hand. */
export function runOn(engine: EngineName, product: 'vault' | 'consul'): ServerOptions {
  const { images } = prepared();
  return engine === 'docker' && 'vault' in images ? { engine, image: images[product] } : { engine };
}

/** A hook that skips a test where its engine can't be had. */
export function requiresEngine(engine: EngineName): (context: TestContext) => Promise<void> {
  return engine === 'docker' ? requires('docker') : async () => {};
}
