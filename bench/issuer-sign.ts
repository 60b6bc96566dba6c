/**
 * `issuer.sign()` against jose's `SignJWT` with the same claims: tokens per second, one after the other and with eight
 * under way. jose signs on Node's thread pool, so that eight at once have more than one core.
 */
import { createIssuer, signingKey } from 'vaultproof/issuer';
import { type MeasuredAlgorithm, newPrivateKey, signByHand } from './by-hand/issuer-servers.js';
import type { Comparison, Measurement } from './measurement.js';

const MILLISECONDS = 300;
const URL = 'https://issuer.example';

/** See the head of this file. */
export const issuerSign: Measurement = {
  name: 'issuer-sign',
  prepare: async () => {
    const algorithms: readonly MeasuredAlgorithm[] = ['ES256', 'RS256'];
    const comparisons = await Promise.all(algorithms.map((alg) => compare(alg)));
    return { comparisons: comparisons.flat(), notes: () => [], [Symbol.asyncDispose]: async () => {} };
  },
};

async function compare(alg: MeasuredAlgorithm): Promise<Comparison[]> {
  const key = await newPrivateKey(alg);
  const issuer = await createIssuer(URL, { keys: [await signingKey(key, { alg })] });
  return [1, 8].map((width) => ({
    name: `sign ${alg}${width === 1 ? '' : `, ${width} at once`}`,
    baseline: 'jose SignJWT',
    unit: 'tokens/s',
    target: { of: 'ratio', limit: 'at least', value: 0.9 },
    ours: () => rate(width, () => issuer.sign({ sub: 'bench', aud: URL })),
    theirs: () => rate(width, () => signByHand(alg, key, URL, 'bench')),
  }));
}

async function rate(width: number, sign: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  let signed = 0;
  const one = async (): Promise<void> => {
    while (performance.now() - begin < MILLISECONDS) {
      await sign();
      signed += 1;
    }
  };
  await Promise.all(Array.from({ length: width }, one));
  return (signed / (performance.now() - begin)) * 1000;
}
