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
 * @throws Error whose message goes on after the file's name, for example `can't be read (ENOENT)`
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

function unreadable(cause: NodeJS.ErrnoException): never {
  throw new Error(`can't be read (${cause.code})`, { cause });
}
