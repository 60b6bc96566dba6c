import { defineCommand } from 'citty';
import { compareProvisioners } from '../harness/index.js';
import { exitCodes } from './exit-codes.js';
import { handleInterruption } from './interruption.js';
import { note, print } from './output.js';
import { withEntryHint } from './parity-hint.js';
import { parityLines } from './parity-lines.js';
import { readEntry } from './read-entry.js';

/** `vaultproof parity`: the two provisioners beside each other. */
export const parity = defineCommand({
  meta: { name: 'parity' },
  args: {
    entry: {
      type: 'positional',
      required: true,
      description: 'A cdktf app (.ts or .js), a project (cdktf.json), a cdk.tf.json, or the folder with it',
    },
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: async ({ args }) => {
    const { signal } = handleInterruption();
    const entry = await readEntry(args.entry);
    const result = await compareProvisioners({
      declare: (issuer) => entry.declare(issuer, signal),
      report: note,
      signal,
    }).catch((error: unknown) => {
      throw withEntryHint(args.entry, entry.isApp, error);
    });
    process.exitCode = result.differences.length + result.pending.length === 0 ? exitCodes.done : exitCodes.proofFailed;
    if (args.json === true) print(JSON.stringify(result));
    else for (const line of parityLines(result)) print(line);
  },
});
