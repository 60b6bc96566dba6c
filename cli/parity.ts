import { defineCommand } from 'citty';
import { VaultproofError } from '../errors/index.js';
import { compareProvisioners } from '../harness/index.js';
import { exitCodes } from './exit-codes.js';
import { handleInterruption } from './interruption.js';
import { note, print } from './output.js';
import { parityLines } from './parity-lines.js';
import { readEntry } from './read-entry.js';

/** A server's words for keys that it could not fetch when it was configured. */
const NO_KEYS = /error checking (?:jwks|oidc discovery)|error (?:creating provider|fetching keys)|fetching keys/i;

/** `vaultproof parity`: the two provisioners beside each other. */
export const parity = defineCommand({
  meta: {
    name: 'parity',
    description:
      'Applies a declaration to one fresh Vault and Consul with terraform and to others directly, and shows where they differ',
  },
  args: {
    entry: {
      type: 'positional',
      required: true,
      description: 'A cdktf app (.ts or .js), a project (cdktf.json), a cdk.tf.json, or the folder with it',
    },
    json: { type: 'boolean', description: 'One JSON object on standard output' },
  },
  run: async ({ args }) => {
    const { signal } = handleInterruption();
    const entry = await readEntry(args.entry);
    const result = await compareProvisioners({
      declare: (issuer) => entry.declare(issuer, signal),
      report: note,
      signal,
    }).catch((error: unknown) => {
      throw entry.isApp ? error : withEntryHint(args.entry, error);
    });
    if (args.json === true) print(JSON.stringify(result));
    else for (const line of parityLines(result)) print(line);
    process.exitCode = result.differences.length + result.pending.length === 0 ? exitCodes.done : exitCodes.proofFailed;
  },
});

/** What was synthesised names an issuer that need not run any more; an app is told of one that does. */
function withEntryHint(entry: string, error: unknown): unknown {
  if (!(error instanceof VaultproofError) || error.code !== 'apply_failed') return error;
  if (!NO_KEYS.test(error.message)) return error;
  const hint = `"${entry}" names the issuer that it was synthesised for, which was not there: pass the app's entry file instead, such as main.ts, which is told of an issuer that runs in JWKS_URL and BOUND_ISSUER`;
  return new VaultproofError(error.code, `${error.message}; ${hint}`, { details: error.details, cause: error });
}
