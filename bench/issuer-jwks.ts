/**
 * The key set of an issuer against a bare node:http server that sends the same bytes: answers per second, over eight
 * connections that are kept. Each server and the load have a process of their own.
 */
import { load, startServer } from './issuer-servers.js';
import type { Measurement } from './measurement.js';

/** See the head of this file. */
export const issuerJwks: Measurement = {
  name: 'issuer-jwks',
  prepare: async () => {
    const issuer = await startServer('vaultproof', 'ES256');
    const jwksUrl = `${issuer.url}/.well-known/jwks.json`;
    const bytes = await (await fetch(jwksUrl)).text();
    const bare = await startServer('bytes', bytes);
    return {
      comparisons: [
        {
          name: 'key set',
          baseline: 'bare node:http, same bytes',
          unit: 'requests/s',
          target: { of: 'ratio', limit: 'at least', value: 0.8 },
          ours: () => load(jwksUrl),
          theirs: () => load(bare.url),
        },
      ],
      notes: () => [`${bytes.length} bytes`],
      [Symbol.asyncDispose]: async () => {
        await issuer[Symbol.asyncDispose]();
        await bare[Symbol.asyncDispose]();
      },
    };
  },
};
