/**
 * Vaults that are not dev servers, as processes, from nothing until the root token works: with TLS, and as a cluster in which all
 * three nodes vote. By hand that is the same executable with the same configuration, each step polled every 2 ms. The
 * certificate by hand is made beforehand; ours makes one for each start. Modules are loaded before the clock starts; stopping is
 * not timed. Raft's elections wait for a random time, from 1 to 2 s.
 */
import { startVault, startVaultCluster } from 'vaultproof';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { startClusterByHand, startTlsByHand } from './by-hand/vault-servers.js';
import type { Measurement } from './measurement.js';

const ELECTIONS_ROUNDS = 10;
/** What TLS may add to a start. */
const TLS_MS = 20;

async function timed(start: () => Promise<{ stop(): Promise<void> }>): Promise<number> {
  const begin = performance.now();
  const server = await start();
  const took = performance.now() - begin;
  await server.stop();
  return took;
}

/** See the head of this file. */
export const vaultServers: Measurement = {
  name: 'vault-servers',
  prepare: async () => {
    const vault = await startVault({ engine: 'process' });
    const { origin, product } = vault;
    await vault.stop();
    const identity = await generateTlsIdentity();
    const added: number[] = [];
    return {
      comparisons: [
        {
          name: 'vault with tls, ready',
          baseline: 'the same by hand',
          unit: 'ms',
          target: 1.2,
          ours: async () => {
            const plain = await timed(() => startVault({ engine: 'process' }));
            const tls = await timed(() => startVault({ engine: 'process', tls: true }));
            added.push(tls - plain);
            return tls;
          },
          theirs: () => timed(() => startTlsByHand(origin, product, identity)),
        },
        {
          name: 'cluster of three vaults, ready',
          baseline: 'the same by hand',
          unit: 'ms',
          target: 1.2,
          maxRounds: ELECTIONS_ROUNDS,
          ours: () => timed(() => startVaultCluster()),
          theirs: () => timed(() => startClusterByHand(origin, product)),
        },
      ],
      notes: () => {
        const [median = Number.NaN] = added.toSorted((a, b) => a - b).slice(Math.floor(added.length / 2));
        return [`tls adds ${median.toFixed(1)} ms to a dev server's start, of the ${TLS_MS} that it may`];
      },
      [Symbol.asyncDispose]: async () => {},
    };
  },
};
