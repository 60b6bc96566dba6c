import { defineCommand } from 'citty';
import { VaultproofError } from '../errors/index.js';
import { compareProvisioners, type ParityResult, type StateDifference } from '../harness/index.js';
import { exitCodes } from './exit.js';
import { handleInterruption } from './interruption.js';
import { note, print } from './output.js';
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

/** A comparison of the two provisioners as lines for a person, the sum last. */
export function parityLines({ applied, compared, differences, pending }: ParityResult): string[] {
  const more = pending.length === 0 ? '' : `, ${counted(pending.length, 'pending change')}`;
  return [
    ...differences.flatMap(described),
    ...pending.map(
      ({ constructPath, attributes }) => `terraform would change "${constructPath}" again: ${attributes.join(', ')}`,
    ),
    `${applied.join(', ')}: ${compared} places compared, ${counted(differences.length, 'difference')}${more}`,
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function described({ path, field, left, right }: StateDifference): string[] {
  const name = field === undefined ? path : `${path} ${field}`;
  return [name, `  terraform  ${shown(left)}`, `  direct     ${shown(right)}`];
}

function shown(value: unknown): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value);
}

/** A server's words for keys that it could not fetch when it was configured. */
const NO_KEYS = /error checking (?:jwks|oidc ?discovery)|error creating provider|fetching keys/i;

/**
 * Adds to an error what to do where an entry names an issuer that can't be reached, as a vendor's without a network: an
 * app is told of one that runs.
 * @param argument what the command line names
 * @returns any other error unchanged
 */
export function withEntryHint(argument: string, isApp: boolean, error: unknown): unknown {
  if (!(error instanceof VaultproofError) || error.code !== 'apply_failed') return error;
  if (!NO_KEYS.test(error.message)) return error;
  const hint = isApp
    ? `"${argument}" always names this issuer: read JWKS_URL and BOUND_ISSUER from the environment where they are set; they name an issuer that is running`
    : `"${argument}" names the issuer that it was synthesised for, which is not running: pass the app's entry file instead, such as main.ts; it gets JWKS_URL and BOUND_ISSUER of a running issuer`;
  return new VaultproofError(error.code, `${error.message}; ${hint}`, { details: error.details, cause: error });
}
