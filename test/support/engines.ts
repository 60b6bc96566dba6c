import type { EngineName, ServerOptions } from 'vaultproof';
import { inject, type TestContext } from 'vitest';
import { requires } from './requirement.js';

/** Both engines, for `describe.each`. */
export const engines: readonly EngineName[] = ['process', 'docker'];

/** What makes a server run on an engine, in the images that the global set-up has at hand. */
export function runOn(engine: EngineName, product: 'vault' | 'consul'): ServerOptions {
  const images = inject('images');
  return engine === 'docker' && product in images
    ? { engine, image: images[product as keyof typeof images] }
    : { engine };
}

/** A hook that skips a test where its engine can't be had. */
export function requiresEngine(engine: EngineName): (context: TestContext) => Promise<void> {
  return engine === 'docker' ? requires('docker') : async () => {};
}
