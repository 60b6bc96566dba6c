import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../../errors/index.js';

const run = promisify(execFile);

/** A folder or a file as it was at a git revision, in a folder of its own that is gone afterwards. */
export interface AtRevision extends AsyncDisposable {
  readonly path: string;
}

/**
 * Takes a path out of a git revision: all of the repository, since modules may be beside it. Nothing of the working tree changes.
 * @throws UsageError for a path that is in no repository or not at the revision, and for a revision that is not there
 */
export async function revisionOf(named: string, revision: string): Promise<AtRevision> {
  const path = await realpath(resolve(named));
  const folderOf = (await stat(path)).isDirectory() ? path : dirname(path);
  const git = (args: readonly string[], cwd = folderOf): Promise<string> =>
    run('git', ['-C', cwd, ...args], { encoding: 'utf8' }).then(
      ({ stdout }) => stdout.trim(),
      (cause: unknown) => {
        throw new UsageError(`git can't read "${named}" at "${revision}": ${reasonOf(cause)}`, { cause });
      },
    );
  const root = await git(['rev-parse', '--show-toplevel']);
  const commit = await git(['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`]);
  const folder = await mkdtemp(join(tmpdir(), 'vaultproof-diff-'));
  const gone = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    // A clone that shares the objects: an archive would leave out what .gitattributes says.
    await git(['clone', '--quiet', '--shared', '--no-checkout', '--', root, folder]);
    await git(['checkout', '--quiet', '--detach', commit], folder);
    const isThere = await stat(join(folder, relative(root, path))).catch(() => undefined);
    if (isThere === undefined)
      throw new UsageError(`"${named}" is not there at "${revision}": name a path that both have`);
  } catch (error) {
    await gone();
    throw error;
  }
  return { path: join(folder, relative(root, path)), [Symbol.asyncDispose]: gone };
}

function reasonOf(cause: unknown): string {
  const { stderr, message } = cause as { readonly stderr?: string; readonly message: string };
  return (
    (stderr ?? message)
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^fatal: /, '') ?? 'it failed'
  );
}
