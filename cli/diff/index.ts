import { defineCommand } from 'citty';
import { UsageError } from '../../errors/index.js';
import { accessDiff, type DeclaredAccess, readAccess } from '../../harness/access/index.js';
import { exitCodes } from '../exit.js';
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
        'Before the change: a folder of HCL, a cdktf.out, a cdk.tf.json, or a plan; with --base, what is there now',
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
    const product = productOf(args.product);
    const { base, head } = await sidesOf(args.first, args.second, args.base, product);
    const offline = accessDiff(base, head);
    const found = args.offline === true ? offline : await proven(offline, { base, head }, product);
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

async function sidesOf(
  first: string,
  second: string | undefined,
  revision: string | undefined,
  product: 'vault' | 'openbao',
): Promise<{ readonly base: DeclaredAccess; readonly head: DeclaredAccess }> {
  if ((second === undefined) === (revision === undefined)) {
    throw new UsageError('give BASE and HEAD, or one path and --base');
  }
  if (revision === undefined) {
    const [base, head] = await Promise.all([first, second ?? first].map((path) => readAccess(path, { product })));
    if (base === undefined || head === undefined) throw new UsageError('give BASE and HEAD');
    return { base, head };
  }
  const head = await readAccess(first, { product });
  await using before = await revisionOf(first, revision);
  return { base: await readAccess(before.path, { product }), head };
}

async function proven(
  found: ReturnType<typeof accessDiff>,
  sides: { readonly base: DeclaredAccess; readonly head: DeclaredAccess },
  product: 'vault' | 'openbao',
): Promise<ReturnType<typeof accessDiff>> {
  const { proveAccessDiff } = await import('../../harness/index.js');
  return proveAccessDiff(found, sides, { product, report: note });
}
