import {
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
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
