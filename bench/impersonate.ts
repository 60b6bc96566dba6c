/**
 * A Vault and an issuer, from nothing until both are ready, with a vendor that is answered for and without. With one there
 * is also a CA, a proxy that listens, and an issuer with an RSA key. Modules are loaded before the clock starts; stopping is
 * not timed.
 */
import { startEnvironment } from 'vaultproof';
import type { Measurement } from './measurement.js';

const vault = { engine: 'process' } as const;

/** See the head of this file. */
export const impersonate: Measurement = {
  name: 'impersonate',
  prepare: async () => {
    const started = async (urls: { readonly impersonate?: readonly string[] }): Promise<number> => {
      const begin = performance.now();
      const environment = await startEnvironment({ vault, ...urls });
      const took = performance.now() - begin;
      await environment.stop();
      return took;
    };
    const named = { impersonate: ['https://token.actions.githubusercontent.com'] };
    await started(named);
    return {
      comparisons: [
        {
          name: 'Vault until it is ready, with a vendor answered for',
          baseline: 'without',
          unit: 'ms',
          target: 1.1,
          ours: () => started(named),
          theirs: () => started({}),
        },
      ],
      notes: () => [],
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
