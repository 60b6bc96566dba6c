import { defineCommand } from 'citty';
import { UsageError } from '../../errors/index.js';
import { accessDiff, type DeclaredAccess } from '../../harness/access/index.js';
import { declaredAccess } from '../declared-access.js';
import { exitCodes } from '../exit.js';
import { handleInterruption } from '../interruption.js';
import { note, print, printCommand, printLines } from '../output.js';
import { unknownName } from '../suggest.js';
import { counted, productOf, sayUndecided } from '../who.js';
import { annotation, line, markdown } from './output.js';
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
      description: 'Compare with the same path at a git revision, such as origin/main, in place of HEAD',
    },
    offline: { type: 'boolean', description: 'Leave out the proofs, which start two servers' },
    'fail-on': { type: 'string', valueHint: 'widened', description: 'Exit with 1 where something is newly allowed' },
    product: { type: 'string', valueHint: 'vault|openbao', default: 'vault', description: 'Whose rules policies have' },
    json: { type: 'boolean', description: 'Print one JSON object' },
    markdown: { type: 'boolean', description: 'Print Markdown, for a comment on a pull request' },
    github: { type: 'boolean', description: 'Print annotations for GitHub Actions' },
  },
  run: async ({ args }) => {
    const formats = [
      args.json === true && '--json',
      args.markdown === true && '--markdown',
      args.github === true && '--github',
    ];
    const [format, second] = formats.filter((name) => name !== false);
    if (second !== undefined) throw new UsageError(`give one of ${format} and ${second}`);
    const failOn = args['fail-on'];
    if (failOn !== undefined && failOn !== 'widened')
      throw new UsageError(unknownName('difference', failOn, ['widened']));
    const reading = { product: productOf(args.product), signal: handleInterruption().signal };
    const sides = await sidesOf(args.first, args.second, args.base, reading);
    const offline = accessDiff(sides.base, sides.head);
    const found = args.offline === true ? offline : await proven(offline, sides, reading);
    if (args.json === true) print(JSON.stringify(found));
    else if (args.markdown === true) printLines(markdown(found));
    else if (args.github === true) for (const one of found.widened) printCommand(annotation(one));
    else {
      for (const one of found.widened) print(line('+', one), 'red');
      for (const one of found.narrowed) print(line('-', one), 'green');
    }
    note(`${counted(found.widened.length, 'widening')}, ${counted(found.narrowed.length, 'narrowing')}`);
    sayUndecided(found.undecided);
    if (failOn === 'widened' && found.widened.length > 0) process.exitCode = exitCodes.proofFailed;
  },
});

/** By whose rules, and until when. */
interface Reading {
  readonly product: 'vault' | 'openbao';
  readonly signal: AbortSignal;
}

interface Sides {
  readonly base: DeclaredAccess;
  readonly head: DeclaredAccess;
}

async function sidesOf(
  first: string,
  second: string | undefined,
  revision: string | undefined,
  reading: Reading,
): Promise<Sides> {
  if (second !== undefined && revision === undefined) {
    const base = await declaredAccess(first, reading);
    return { base, head: await declaredAccess(second, reading) };
  }
  if (second !== undefined || revision === undefined) {
    throw new UsageError('give BASE and HEAD, or one path and --base');
  }
  const head = await declaredAccess(first, reading);
  await using before = await revisionOf(first, revision, reading.signal);
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

async function proven(
  found: ReturnType<typeof accessDiff>,
  sides: Sides,
  { product, signal }: Reading,
): Promise<ReturnType<typeof accessDiff>> {
  const { proveAccessDiff } = await import('../../harness/index.js');
  return proveAccessDiff(found, sides, { product, report: note, signal });
}
