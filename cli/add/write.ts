import {
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { VaultproofError } from '../../errors/index.js';
import type { CopiedFile } from './render.js';

/** A file that is to be written, and what is there now. */
export interface PlannedFile extends CopiedFile {
  readonly found: string | undefined;
  readonly status: 'new' | 'changed' | 'unchanged';
}

/**
 * Compares files with those in a folder, which need not exist.
 * @throws VaultproofError `outside_folder` where a symbolic link is in the way, `copy_failed` where something else is
 */
export function planFiles(folder: string, files: readonly CopiedFile[]): PlannedFile[] {
  return files.map((file) => {
    const path = join(folder, file.path);
    const found = attempt(`read "${path}"`, () => {
      refuseLinks(folder, file.path);
      return textAt(path);
    });
    const status = found === undefined ? 'new' : found === file.text ? 'unchanged' : 'changed';
    return { ...file, found, status };
  });
}

/**
 * Writes files into a folder, all of them or none: each appears whole, by a rename, and when one can't be written those
 * before it are as they were. What changed since it was planned is not overwritten.
 * @throws VaultproofError `copy_failed`, `outside_folder`, `would_overwrite`
 */
export function writeFiles(folder: string, files: readonly PlannedFile[]): void {
  const undo: (() => void)[] = [];
  try {
    attempt(`write into "${folder}"`, () => {
      makeFolder(folder, undo);
      const staging = mkdtempSync(join(folder, '.vaultproof-add-'));
      undo.push(() => rmSync(staging, { recursive: true, force: true }));
      for (const [index, { text }] of files.entries()) writeFileSync(join(staging, `new-${index}`), text);
      for (const [index, file] of files.entries()) {
        place(folder, file, { fresh: join(staging, `new-${index}`), kept: join(staging, `old-${index}`) }, undo);
      }
      rmSync(staging, { recursive: true, force: true });
    });
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw error;
  }
}

function place(
  folder: string,
  file: PlannedFile,
  { fresh, kept }: { readonly fresh: string; readonly kept: string },
  undo: (() => void)[],
): void {
  const path = join(folder, file.path);
  makeFolder(dirname(path), undo);
  refuseLinks(folder, file.path);
  if (textAt(path) !== file.found) {
    throw new VaultproofError(
      'would_overwrite',
      `"${path}" has changed in the meantime, nothing was written: run it again`,
    );
  }
  if (file.found === undefined) undo.push(() => rmSync(path, { force: true }));
  else {
    copyFileSync(path, kept, constants.COPYFILE_EXCL);
    undo.push(() => renameSync(kept, path));
  }
  renameSync(fresh, path);
}

/** Makes a folder and those above it; those that it made are removed again when the writing fails. */
function makeFolder(folder: string, undo: (() => void)[]): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder), undo);
  mkdirSync(folder);
  undo.push(() => rmdirSync(folder));
}

/** A link below the folder may lead out of it, and a rename would replace the link instead of following it. */
function refuseLinks(folder: string, path: string): void {
  const parts = path.split('/');
  for (const index of parts.keys()) {
    const part = join(folder, parts.slice(0, index + 1).join(sep));
    if (lstatSync(part, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
    throw new VaultproofError('outside_folder', `"${part}" is a symbolic link, nothing was written: remove it first`);
  }
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function attempt<Result>(what: string, act: () => Result): Result {
  try {
    return act();
  } catch (cause) {
    const { code, path } = cause as NodeJS.ErrnoException;
    if (cause instanceof VaultproofError || code === undefined) throw cause;
    throw new VaultproofError('copy_failed', `can't ${what} (${code}), nothing was written: correct that path first`, {
      details: { code, path },
      cause,
    });
  }
}

const CONTEXT = 2;

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** What differs between two texts, as lines with `-`, `+` or a space before them; `...` stands for those alike. */
export function diffLines(before: string, after: string): string[] {
  const lines = compare(before.split('\n'), after.split('\n'));
  const isNear = (at: number): boolean =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ mark }) => mark !== ' ');
  const shown: string[] = [];
  for (const [index, { mark, text }] of lines.entries()) {
    if (isNear(index)) shown.push(`${mark} ${text}`.trimEnd());
    else if (shown.at(-1) !== '...') shown.push('...');
  }
  return shown;
}

/** By the longest common subsequence. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  const common = before.map(() => new Array<number>(after.length + 1).fill(0));
  common.push(new Array<number>(after.length + 1).fill(0));
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const length =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
      common[row]?.splice(column, 1, length);
    }
  }
  const lines: Line[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    const [old = '', fresh = ''] = [before[row], after[column]];
    if (row < before.length && column < after.length && old === fresh) {
      lines.push({ mark: ' ', text: old });
      row += 1;
      column += 1;
    } else if (row < before.length && (column === after.length || at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ mark: '-', text: old });
      row += 1;
    } else {
      lines.push({ mark: '+', text: fresh });
      column += 1;
    }
  }
  return lines;
}

/**
 * Refuses a folder that a symbolic link leads out of its project: the project's package.json and compiler would not
 * count there. A link that stays inside is followed, as the caller intended.
 * @param folder need not exist yet
 * @throws VaultproofError `outside_folder`
 */
export function assertInsideProject(folder: string, projectRoot: string): void {
  const leadsTo = whereItLeads(folder);
  const [way = ''] = relative(realpathSync(projectRoot), leadsTo ?? '').split(sep);
  if (leadsTo !== undefined && way !== '..') return;
  const where = leadsTo === undefined ? 'nowhere' : `to "${leadsTo}", out of the project "${projectRoot}"`;
  throw new VaultproofError(
    'outside_folder',
    `nothing was written, because a symbolic link leads from "${folder}" ${where}: name the folder that you mean`,
    { details: { folder, leadsTo } },
  );
}

/** A path without links, of which the end need not exist; undefined where a link's target does not. */
function whereItLeads(path: string): string | undefined {
  if (existsSync(path)) return realpathSync(path);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined || dirname(path) === path) return undefined;
  const above = whereItLeads(dirname(path));
  return above === undefined ? undefined : join(above, path.slice(dirname(path).length));
}
