/**
 * Tokens per second from `POST /token` with client_credentials, over eight connections that are kept: against
 * oauth2-mock-server, and against node:http with jose by hand, which checks next to nothing. Each server and the load
 * have a process of their own.
 */
import type { MeasuredAlgorithm } from './by-hand/issuer-servers.js';
import { load, type ServerKind, type ServerProcess, startServer, TOKEN_REQUEST } from './issuer-servers.js';
import type { Comparison, Measurement } from './measurement.js';

const baselines = [
  { kind: 'oauth2-mock-server', baseline: 'oauth2-mock-server', value: 3 },
  { kind: 'by-hand', baseline: 'node:http and jose', value: 0.7 },
] as const;

/** See the head of this file. */
export const issuerTokenEndpoint: Measurement = {
  name: 'issuer-token-endpoint',
  prepare: async () => {
    const servers: ServerProcess[] = [];
    const start = async (kind: ServerKind, alg: MeasuredAlgorithm): Promise<ServerProcess> => {
      const server = await startServer(kind, alg);
      servers.push(server);
      return server;
    };
    const comparisons: Comparison[] = [];
    for (const alg of ['ES256', 'RS256'] as const) {
      const issuer = await start('vaultproof', alg);
      for (const { kind, baseline, value } of baselines) {
        const other = await start(kind, alg);
        comparisons.push({
          name: `token endpoint ${alg}`,
          baseline,
          unit: 'tokens/s',
          target: { of: 'ratio', limit: 'at least', value },
          maxRounds: 20,
          ours: () => load(`${issuer.url}/token`, TOKEN_REQUEST),
          theirs: () => load(`${other.url}/token`, TOKEN_REQUEST),
        });
      }
    }
    return {
      comparisons,
      notes: () => [],
      [Symbol.asyncDispose]: async () => {
        await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
      },
    };
  },
};
