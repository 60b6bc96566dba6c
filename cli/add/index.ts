import { statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { defineCommand } from 'citty';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { printableLine } from '../../internal/printable.js';
import { handleInterruption } from '../interruption.js';
import { note, print } from '../output.js';
import { shellWord } from '../shell.js';
import { importPath, installCommands } from './install.js';
import { type Project, projectOf } from './project.js';
import { type CopiedFile, renderSource } from './render.js';
import { presetNames, providersOf, type Source, sourcesOf, stackClass, stackNames } from './sources.js';
import { renderConsulTest, renderOidcTest, renderTest } from './test-file.js';
import { assertInsideProject, diffLines, type PlannedFile, planFiles, writeFiles } from './write.js';

/** The stacks that there is a test to copy for. */
const tests = { 'vault-jwt': renderTest, 'vault-oidc': renderOidcTest, 'consul-jwt': renderConsulTest };

/** `vaultproof add`: a stack, with its preset and its test, copied into a project. */
export const add = defineCommand({
  meta: { name: 'add' },
  args: {
    stack: { type: 'positional', required: true, description: stackNames().join(' or ') },
    into: { type: 'string', default: 'stacks', valueHint: 'DIR', description: 'The folder that the files go into' },
    preset: {
      type: 'string',
      valueHint: 'NAME',
      description: `The bounds of a known issuer: ${knownPresets()}`,
    },
    test: { type: 'boolean', description: 'Copy a Vitest test as well, which proves the copy on a real server' },
    force: { type: 'boolean', description: 'Overwrite what differs' },
    'dry-run': { type: 'boolean', description: 'Show what would be written, and write nothing' },
    json: { type: 'boolean', description: 'Print one JSON object' },
  },
  run: async ({ args }) => {
    const { signal } = handleInterruption();
    const json = args.json === true;
    const dryRun = args['dry-run'] === true;
    const folder = folderIn(args.into);
    const sources = sourcesOf(args.stack, args.preset);
    const project = projectOf(folder);
    assertInsideProject(folder, project.root);
    const test = args.test === true ? testOf(args.stack, sources, args.preset, project) : undefined;
    const copied = sources.map((source) => renderSource(source, project));
    const files = planFiles(folder, test === undefined ? copied : [...copied, test]);

    const changed = files.filter(({ status }) => status === 'changed');
    if (!json) for (const file of changed) showDifference(folder, file);
    if (changed.length > 0 && !dryRun && args.force !== true) await askToOverwrite(folder, changed, json, signal);
    if (!dryRun) {
      const wanted = files.filter(({ status }) => status !== 'unchanged');
      if (wanted.length > 0) writeFiles(folder, wanted);
    }

    const install = installCommands(project, { withTest: test !== undefined, providers: providersOf(sources) });
    const next = nextSteps(project, folder, { stack: args.stack, className: classOf(sources), test });
    if (json) {
      const listed = files.map((file) => ({
        path: join(folder, file.path),
        status: file.status,
        ...(file.status === 'changed' && { difference: differenceOf(file) }),
      }));
      print(JSON.stringify({ folder, project: project.root, dryRun, files: listed, install, next }));
      return;
    }
    for (const { path, status } of files) print(`${verb(status, dryRun)}${shown(join(folder, path))}`);
    const place = shown(project.root);
    if (install.length > 0) {
      note('');
      note(`then, in ${place === '' ? 'this folder' : place}:`);
    }
    for (const command of install) note(`  ${command}`);
    note('');
    note('and next:');
    for (const step of next) note(`  ${step}`);
  },
});

function knownPresets(): string {
  const [vault, consul] = ['vault-jwt', 'consul-jwt'].map((stack) => presetNames(stack).join(', ') || 'none so far');
  return `${vault}; for Consul ${consul}`;
}

function classOf([source]: readonly Source[]): string {
  return source === undefined ? '' : stackClass(source);
}

function testOf(stack: string, sources: readonly Source[], preset: string | undefined, project: Project): CopiedFile {
  const render = Object.entries(tests).find(([name]) => name === stack)?.[1];
  if (render === undefined) throw new UsageError(`there is no test for "${stack}": leave --test out`);
  return render({ stack, className: classOf(sources), preset }, project);
}

/** @throws VaultproofError `would_overwrite` when nobody can be asked, or the answer is no */
async function askToOverwrite(
  folder: string,
  changed: readonly PlannedFile[],
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  const paths = changed.map(({ path }) => `"${shown(join(folder, path))}"`).join(', ');
  if (!json && process.stdin.isTTY && process.stderr.isTTY) {
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    prompt.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    try {
      const answer = await prompt.question(printableLine(`overwrite ${paths}? [y/N] `), { signal });
      if (/^y(es)?$/i.test(answer.trim())) return;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      prompt.close();
    }
  }
  const message = `${paths} would be overwritten, nothing was written: add --force, or copy into another folder`;
  throw new VaultproofError('would_overwrite', message, { details: { paths: changed.map(({ path }) => path) } });
}

function folderIn(into: string): string {
  if (into.trim() === '') throw new UsageError('--into must name a folder');
  const folder = resolve(into);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new UsageError(`"${into}" is not a folder`);
  }
  return folder;
}

function nextSteps(
  project: Project,
  folder: string,
  {
    stack,
    className,
    test,
  }: { readonly stack: string; readonly className: string; readonly test?: CopiedFile | undefined },
): string[] {
  const steps = [`in your main.ts: import { ${className} } from '${importPath(project, folder, stack)}';`];
  if (test === undefined) return steps;
  steps.push(`npx vitest run ${shellWord(relative(project.root, join(folder, test.path)))}`);
  const { testScript = '' } = project;
  // Such a script, and CI by it, would never run what is written here.
  if (/\bjest\b/.test(testScript) && !testScript.includes('vitest'))
    steps.push(`npm pkg set scripts.test="${testScript} && vitest run"`);
  return steps;
}

function showDifference(folder: string, file: PlannedFile): void {
  note(`${shown(join(folder, file.path))} differs:`);
  for (const line of differenceOf(file)) note(`  ${line}`.trimEnd());
}

function differenceOf({ found = '', text }: PlannedFile): string[] {
  return diffLines(found, text);
}

function verb(status: PlannedFile['status'], dryRun: boolean): string {
  if (status === 'unchanged') return 'unchanged    ';
  if (dryRun) return status === 'new' ? 'would write  ' : 'would change ';
  return status === 'new' ? 'wrote        ' : 'changed      ';
}

/** A path as it is shortest from here. */
function shown(path: string): string {
  const short = relative('', path);
  return short.startsWith('..') ? path : short;
}
