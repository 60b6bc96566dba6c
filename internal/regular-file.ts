import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** A file that was read, with its mode as `stat` gives it. */
export interface RegularFile {
  readonly text: string;
  readonly mode: number;
}

/**
 * Reads a regular file whole. Opening a pipe would wait for a writer, in a thread that Node can't take back.
 * @param mostBytes default as many as there are
 * @throws Error whose message goes on after the file's name, for example `does not exist`
 * @example
 * const { text } = await readRegularFile('key.pem', 65_536);
 */
export async function readRegularFile(path: string, mostBytes = Number.POSITIVE_INFINITY): Promise<RegularFile> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(unreadable);
  try {
    return await readOpened(file, mostBytes);
  } finally {
    await file.close();
  }
}

async function readOpened(file: FileHandle, mostBytes: number): Promise<RegularFile> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new Error('is not a regular file: give a file, not a pipe, device or folder');
  if (stats.size > mostBytes) throw new Error(`is over ${mostBytes / 1024} KiB`);
  return { text: await file.readFile('utf8').catch(unreadable), mode: stats.mode };
}

/** Why a file can't be opened, by the system's code. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "can't be read: this user has no permission",
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: a part of its path is a file',
};

function unreadable(cause: NodeJS.ErrnoException): never {
  throw new Error(REASONS[cause.code ?? ''] ?? `can't be read (${cause.code})`, { cause });
}

const OTHERS = 0o077;

/**
 * The warning for a file with a secret, or that says who gets in, that others than its owner have any right to.
 * @param what what it holds, for example `private key`
 * @param mode as `stat` gives it
 * @returns undefined where it is its owner's alone
 * @example
 * const { mode } = await readRegularFile('users.yml');
 * const warning = exposedFile('users', 'users.yml', mode);
 */
export function exposedFile(what: string, path: string, mode: number): string | undefined {
  if ((mode & OTHERS) === 0) return undefined;
  return `other users than the owner can read or change the ${what} "${path}": run chmod 600 on it`;
}
