import { defineCommand } from 'citty';
import { UsageError } from '../../errors/index.js';
import { type AccessDiff, accessDiff, type DeclaredAccess, readAccess } from '../../harness/access/index.js';
import { unknownName } from '../arguments.js';
import {
  declaredAccess,
  declaresSomething,
  type Reading,
  readingArgs,
  readingOf,
  refuse,
  refuseWithRootsBelow,
} from '../declared-access.js';
import { exitCodes } from '../exit.js';
import { counted, note, print, printCommand, printLines } from '../output.js';
import { inAll, sayUnmatched } from '../variables.js';
import { sayUndecided } from '../who.js';
import { sumOf, type Undecided, undecidedOf } from './entries.js';
import { annotations, lines, markdown } from './output.js';
import { revisionOf } from './revision.js';

/** `vaultproof diff`: whom a change lets in, and what logins may newly do. */
export const diff = defineCommand({
  meta: { name: 'diff' },
  args: {
    first: {
      type: 'positional',
      valueHint: 'BASE',
      required: true,
      description:
        'Before the change: a cdktf app, a folder of HCL, a cdktf.out, a cdk.tf.json, or a plan; with --base, what is there now',
    },
    second: { type: 'positional', valueHint: 'HEAD', required: false, description: 'After the change' },
    base: {
      type: 'string',
      valueHint: 'REVISION',
      description:
        'In place of HEAD: compare with the same path where HEAD left a git revision, such as origin/main (their merge base)',
    },
    offline: { type: 'boolean', description: 'Leave out the proofs, which start two servers' },
    'fail-on': {
      type: 'string',
      valueHint: 'widened|undecided',
      description:
        'Exit with 1: widened, where something is newly allowed, or what is undecided changed and may allow more; undecided, also where anything is undecided',
    },
    ...readingArgs,
    json: { type: 'boolean', description: 'Print one JSON object' },
    markdown: { type: 'boolean', description: 'Print Markdown, for a comment on a pull request' },
    github: { type: 'boolean', description: 'Print annotations for GitHub Actions' },
  },
  run: async ({ args, rawArgs }) => {
    const formats = [
      args.json === true && '--json',
      args.markdown === true && '--markdown',
      args.github === true && '--github',
    ];
    const [format, second] = formats.filter((name) => name !== false);
    if (second !== undefined) throw new UsageError(`give one of ${format} and ${second}`);
    const failOn = failOnOf(args['fail-on']);
    const reading = readingOf(args, rawArgs);
    const sides = await sidesOf(args.first, args.second, args.base, reading);
    const offline = accessDiff(sides.base, sides.head);
    const found = args.offline === true ? offline : await proven(offline, sides, reading);
    if (args.json === true) print(JSON.stringify(found));
    else if (args.markdown === true) printLines(markdown(found));
    else if (args.github === true) annotations(found, sides.head).forEach(printCommand);
    else {
      for (const one of lines('+', found.widened)) print(one, one.startsWith('+') ? 'red' : undefined);
      for (const one of lines('-', found.narrowed)) print(one, one.startsWith('-') ? 'green' : undefined);
    }
    note(sumOf(found));
    sayWhatIsOpen(undecidedOf(found));
    const reason = whyFailed(failOn, found);
    if (reason === undefined) return;
    note(reason);
    process.exitCode = exitCodes.proofFailed;
  },
});

type FailOn = 'widened' | 'undecided' | undefined;

function failOnOf(given: string | undefined): FailOn {
  if (given === undefined || given === 'widened' || given === 'undecided') return given;
  throw new UsageError(unknownName('difference', given, ['widened', 'undecided']));
}

function sayWhatIsOpen({ changed, others }: Undecided): void {
  if (changed.length > 0)
    note(`${changed.length} undecided that changed, or that a changed login has, which may allow more:`);
  for (const one of changed) note(`  ${one}`);
  sayUndecided(others);
}

/** Why the exit code is 1; undefined where it is 0. */
function whyFailed(failOn: FailOn, found: AccessDiff): string | undefined {
  if (failOn === undefined) return undefined;
  const { changed, others } = undecidedOf(found);
  const advice = 'review it; with values by --var or --var-file, or with plans, less is undecided';
  const reasons = [
    ...(found.widened.length > 0 ? ['something is newly allowed'] : []),
    ...(changed.length > 0
      ? [`${counted(changed.length, 'undecided declaration')} changed and may allow more; ${advice}`]
      : []),
    ...(failOn === 'undecided' && changed.length === 0 && others.length > 0
      ? [`${others.length} undecided; ${advice}`]
      : []),
  ];
  return reasons.length === 0 ? undefined : `failed by --fail-on ${failOn}: ${reasons.join(', and ')}`;
}

interface Sides {
  readonly base: DeclaredAccess;
  readonly head: DeclaredAccess;
}

async function sidesOf(
  first: string,
  second: string | undefined,
  revision: string | undefined,
  given: Reading,
): Promise<Sides> {
  // A change may declare a variable or what is ignored, or remove it.
  const undeclared: (readonly string[])[] = [];
  const unmatched: (readonly string[])[] = [];
  const reading = {
    ...given,
    undeclared: (names: readonly string[]) => void undeclared.push(names),
    unmatched: (patterns: readonly string[]) => void unmatched.push(patterns),
  };
  const sides = await readSides(first, second, revision, reading);
  refuse(inAll(undeclared));
  sayUnmatched(inAll(unmatched));
  return sides;
}

async function readSides(
  first: string,
  second: string | undefined,
  revision: string | undefined,
  reading: Parameters<typeof declaredAccess>[1],
): Promise<Sides> {
  if (second !== undefined && revision === undefined) {
    const [base, head] = [await declaredAccess(first, reading), await declaredAccess(second, reading)];
    return { base, head };
  }
  if (second !== undefined || revision === undefined) {
    throw new UsageError('give BASE and HEAD, or one path and --base');
  }
  await using before = await revisionOf(first, revision, reading.signal);
  const [isBefore, isNow] = [await declaresSomething(before.path), await declaresSomething(first)];
  if (!isBefore && !isNow) await refuseWithRootsBelow(first);
  if (!isBefore && !isNow)
    throw new UsageError(`"${first}" is neither here nor at "${revision}": name a path that one of them has`);
  const head = isNow ? await declaredAccess(first, reading) : await readAccess([], { product: reading.product });
  if (!isNow) note(`"${first}" is not there any more: nothing of it is allowed now`);
  if (!isBefore) {
    note(`"${first}" is not there at "${revision}": all of it is new`);
    return { base: await readAccess([], { product: reading.product }), head };
  }
  const base = await declaredAccess(before.path, {
    ...reading,
    app: (app) => ({
      ...app,
      shown: `"${first}" at "${revision}"`,
      line: app.line.replace(before.path, first),
      cwd: before.at(app.cwd),
    }),
    advice:
      'correct the app; if it needs other dependencies, check the revision out in a folder of its own, install its dependencies there, and give both folders: vaultproof diff BASE HEAD',
  });
  return { base, head };
}

async function proven(found: AccessDiff, sides: Sides, { product, signal }: Reading): Promise<AccessDiff> {
  const { proveAccessDiff } = await import('../../harness/index.js');
  return proveAccessDiff(found, sides, { product, report: note, signal });
}
