import { get } from 'node:http';
import { startIssuer } from 'vaultproof/issuer';
import { startIssuerByHand } from './by-hand/issuer.js';

// Run by issuer-start.ts: from nothing but loaded modules to the first byte of the key set, in milliseconds.
const start = process.argv[2] === 'by-hand' ? startIssuerByHand : startIssuer;
const begin = performance.now();
const issuer = await start();
await new Promise((resolve, reject) =>
  get(issuer.jwksUrl, (answer) => answer.once('data', resolve)).once('error', reject),
);
process.stdout.write(`${performance.now() - begin}\n`);
await issuer.stop();
process.exit();
