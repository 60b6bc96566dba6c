import { execFile } from 'node:child_process';
import { realpath, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../../errors/index.js';
import { makeTemporaryFolder } from '../../harness/guardian/index.js';

const run = promisify(execFile);

/** A folder or a file as it was at a git revision, in a folder of its own that is gone afterwards. */
export interface AtRevision extends AsyncDisposable {
  readonly path: string;
  /** Where a folder of the working tree is at the revision; one that is outside of it stays. */
  at(folder: string): string;
}

/**
 * Takes a path out of the merge base of a git revision and HEAD: all of the repository, since modules may be beside it. Nothing of the working tree changes.
 * @returns where the path is, or would be: it may not be there
 * @throws UsageError for a path that is in no repository, for a revision that is not there, and for one without a merge base
 */
export async function revisionOf(named: string, revision: string, signal: AbortSignal): Promise<AtRevision> {
  const [path, folderOf] = await inTree(resolve(named));
  const git = (args: readonly string[], cwd = folderOf): Promise<string> =>
    run('git', ['-C', cwd, ...args], { encoding: 'utf8', signal }).then(
      ({ stdout }) => stdout.trim(),
      (cause: unknown) => {
        signal.throwIfAborted();
        throw new UsageError(`git can't read "${named}" at "${revision}": ${reasonOf(cause)}`, { cause });
      },
    );
  const root = await git(['rev-parse', '--show-toplevel']);
  const commit = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]).catch(
    (cause: unknown) => {
      signal.throwIfAborted();
      throw new UsageError(
        `there is no revision "${revision}" here: correct it, or where only a part of the history was fetched, as in CI, fetch all of it: "fetch-depth: 0" for actions/checkout, "GIT_DEPTH: 0" in GitLab`,
        { cause },
      );
    },
  );
  // What HEAD changes is told from where it left the revision: what others have changed there since is not its own.
  const base = await git(['merge-base', commit, 'HEAD']).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new UsageError(
      `"${revision}" and HEAD have no commit in common here: where only a part of the history was fetched, as in CI, fetch all of it: "fetch-depth: 0" for actions/checkout, "GIT_DEPTH: 0" in GitLab`,
      { cause },
    );
  });
  const folder = await makeTemporaryFolder('diff');
  const at: AtRevision['at'] = (place) => {
    const way = relative(root, place);
    return way.startsWith('..') ? place : join(folder.path, way);
  };
  try {
    // A clone that shares the objects: an archive would leave out what .gitattributes says.
    await git(['clone', '--quiet', '--shared', '--no-checkout', '--', root, folder.path]);
    await git(['checkout', '--quiet', '--detach', base], folder.path);
    await linkDependencies(folderOf, root, at);
  } catch (error) {
    await folder.remove();
    throw error;
  }
  return { path: at(path), at, [Symbol.asyncDispose]: folder.remove };
}

/** A path without symbolic links, and the nearest folder that is there: what HEAD removed is not. */
async function inTree(path: string): Promise<readonly [path: string, folder: string]> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined) return [real, (await stat(real)).isDirectory() ? real : dirname(real)];
  const [above, folder] = await inTree(dirname(path));
  return [join(above, basename(path)), folder];
}

/** An app finds the dependencies that are installed in the working tree, from its own folder up. */
async function linkDependencies(from: string, root: string, at: AtRevision['at']): Promise<void> {
  for (let folder = from; ; folder = dirname(folder)) {
    const installed = join(folder, 'node_modules');
    const isInstalled = await stat(installed).catch(() => undefined);
    const isFolderThere = await stat(at(folder)).catch(() => undefined);
    // One that is committed stays.
    if (isInstalled && isFolderThere) await symlink(installed, at(installed), 'dir').catch(unlessThere);
    if (folder === root || folder === dirname(folder)) return;
  }
}

function unlessThere(error: unknown): void {
  if ((error as { readonly code?: unknown }).code !== 'EEXIST') throw error;
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
