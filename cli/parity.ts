import { defineCommand } from 'citty';
import { UsageError } from '../errors/index.js';
import { compareProvisioners, type ParityResult, type StateDifference } from '../harness/index.js';
import { withEntryHint } from './entry-hint.js';
import { exitCodes } from './exit.js';
import { handleInterruption } from './interruption.js';
import { counted, note, print } from './output.js';
import { readEntry, sayUnmatchedIn } from './read-entry.js';
import {
  givenPatterns,
  givenUrls,
  givenVariables,
  ignoreArg,
  impersonateArg,
  issuerVariableArgs,
} from './variables.js';

/** `vaultproof parity`: the two provisioners beside each other. */
export const parity = defineCommand({
  meta: { name: 'parity' },
  args: {
    entry: {
      type: 'positional',
      required: true,
      description:
        'HCL (a folder, or one .tf), a cdktf app (.ts or .js), a project (cdktf.json), a cdk.tf.json, or the folder with it',
    },
    ...issuerVariableArgs,
    ignore: ignoreArg,
    impersonate: impersonateArg,
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: async ({ args, rawArgs }) => {
    const { signal } = handleInterruption();
    const entry = await readEntry(args.entry, givenVariables(rawArgs));
    const ignore = givenPatterns(args.ignore);
    if (ignore.length > 0 && entry.kind !== 'terraform') throw new UsageError('--ignore is for HCL: leave it out');
    const result = await compareProvisioners({
      declare: async (issuer) => {
        const configurations = await entry.declare(issuer, signal);
        await sayUnmatchedIn(configurations, ignore);
        return configurations.map((one) => ('source' in one ? { ...one, ignore } : one));
      },
      impersonate: givenUrls(args.impersonate),
      report: note,
      signal,
    }).catch((error: unknown) => {
      throw withEntryHint(args.entry, entry.kind, error);
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

function described({ path, field, left, right }: StateDifference): string[] {
  const name = field === undefined ? path : `${path} ${field}`;
  return [name, `  terraform  ${shown(left)}`, `  direct     ${shown(right)}`];
}

function shown(value: unknown): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value);
}
