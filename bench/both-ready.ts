/**
 * A Vault and a Consul side by side, from nothing until the tokens of both work. By hand that is both spawned at once, of
 * the same executables with the same arguments and environment, each polled every 2 ms for the same. Ours starts its
 * issuer as well, and asks both for their versions. Modules are loaded before the clock starts; stopping is not timed.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { startEnvironment } from 'vaultproof';
import { startConsulByHand, startVaultByHand } from './by-hand/servers.js';
import type { Measurement } from './measurement.js';

const POLL_MS = 2;
const options = { vault: { engine: 'process' }, consul: { engine: 'process' } } as const;

/** See the head of this file. */
export const bothReady: Measurement = {
  name: 'both-ready',
  prepare: async () => {
    const env = await startEnvironment(options);
    const [vaultPath, consulPath] = [env.vault.origin, env.consul.origin];
    await env.stop();
    return {
      comparisons: [
        {
          name: 'vault and consul, ready',
          baseline: 'both spawned by hand',
          unit: 'ms',
          target: 1.1,
          ours: async () => {
            const begin = performance.now();
            const environment = await startEnvironment(options);
            const took = performance.now() - begin;
            await environment.stop();
            return took;
          },
          theirs: async () => {
            const begin = performance.now();
            const servers = await Promise.all([
              startVaultByHand(vaultPath, randomBytes(24).toString('hex'), POLL_MS),
              startConsulByHand(consulPath, randomUUID(), POLL_MS),
            ]);
            const took = performance.now() - begin;
            await Promise.all(servers.map((server) => server.stop()));
            return took;
          },
        },
      ],
      notes: () => [],
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
