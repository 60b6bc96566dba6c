import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startFuzzedIssuer } from './fuzzed-issuer.js';

// For each of two lines on standard input it prints how many bytes its heap has once nothing is left to collect.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const { issuer, dialects, secrets } = await startFuzzedIssuer();
const paths = new Set(dialects.flatMap((dialect) => dialect(issuer).routes.map(({ path }) => path)));
process.stdout.write(`${JSON.stringify({ url: issuer.url, paths: [...paths], secrets })}\n`);
let lines = 0;
for await (const _line of createInterface({ input: process.stdin })) {
  collect();
  process.stdout.write(`${process.memoryUsage().heapUsed}\n`);
  lines += 1;
  if (lines === 2) break;
}
process.stdin.destroy();
await issuer.stop();
