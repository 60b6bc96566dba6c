/**
 * The heap that a token endpoint holds after each 50,000 tokens, garbage collected, against node:http with jose by hand.
 * Twenty rounds are a million tokens. What it grows by is in the notes, from the first round on: the round to warm up
 * has compiled and filled what there is to.
 */
import { load, type ServerProcess, startServer, TOKEN_REQUEST } from './issuer-servers.js';
import type { Measurement } from './measurement.js';

const TOKENS = 50_000;
const MILLISECONDS = 100_000;
const FLAT_MB = 0.1;

/** See the head of this file. */
export const issuerMemory: Measurement = {
  name: 'issuer-memory',
  prepare: async () => {
    const issuer = await startServer('vaultproof', 'ES256');
    const byHand = await startServer('by-hand', 'ES256');
    const held: number[] = [];
    const sample = async (server: ServerProcess): Promise<number> => {
      await load(`${server.url}/token`, TOKEN_REQUEST, { milliseconds: MILLISECONDS, count: TOKENS });
      return server.heap();
    };
    return {
      comparisons: [
        {
          name: 'heap of a token endpoint',
          baseline: 'node:http and jose',
          unit: 'MB',
          maxRounds: 20,
          ours: async () => {
            const heap = await sample(issuer);
            held.push(heap);
            return heap;
          },
          theirs: () => sample(byHand),
        },
      ],
      notes: () => [growth(held)],
      [Symbol.asyncDispose]: async () => {
        await issuer[Symbol.asyncDispose]();
        await byHand[Symbol.asyncDispose]();
      },
    };
  },
};

/** @param held the heap in MB, every {@link TOKENS} tokens */
function growth(held: readonly number[]): string {
  const tokens = (held.length - 1) * TOKENS;
  const per100k = (((held.at(-1) ?? 0) - (held[0] ?? 0)) / tokens) * 100_000;
  const verdict = per100k <= FLAT_MB ? 'flat' : `GROWS, and should not by more than ${FLAT_MB}`;
  return `${per100k.toFixed(3)} MB per 100,000 tokens, over ${tokens.toLocaleString('en')}: ${verdict}`;
}
