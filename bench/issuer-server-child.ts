import { createInterface } from 'node:readline';
import { OAuth2Server } from 'oauth2-mock-server';
import { startIssuer } from 'vaultproof/issuer';
import { tokenDialect } from 'vaultproof/issuer/endpoints';
import { type MeasuredAlgorithm, serveBytes, serveTokensByHand } from './by-hand/issuer-servers.js';

// Run by issuer-servers.ts: one server, alone in its process, until the standard input ends. It prints its URL as a
// line, and for each line that it reads the heap that it holds after a garbage collection, in MB.
const [kind = '', detail = 'ES256'] = process.argv.slice(2);
const alg = detail as MeasuredAlgorithm;

const servers: Readonly<Record<string, () => Promise<string>>> = {
  vaultproof: async () => (await startIssuer({ algorithms: [alg], dialects: [tokenDialect()] })).url,
  bytes: () => serveBytes(detail),
  'by-hand': () => serveTokensByHand(alg),
  'oauth2-mock-server': async () => {
    const server = new OAuth2Server();
    await server.issuer.keys.generate(alg);
    await server.start(0, '127.0.0.1');
    const { port } = server.address();
    return `http://127.0.0.1:${port}`;
  },
};

process.stdout.write(`${await servers[kind]?.()}\n`);
for await (const _line of createInterface({ input: process.stdin })) {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`${(heapUsed + external) / 2 ** 20}\n`);
}
process.exit();
