import { readFile, writeFile } from 'node:fs/promises';
import { WrongUse } from '../errors/index.js';

/** A file that the user named, as text. @throws WrongUse when it can't be read */
export async function readNamed(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new WrongUse(`"${path}" can't be read (${cause.code})`);
  });
}

/** Writes a file that only its owner may read. @throws WrongUse when it can't be written */
export async function writeOwn(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 }).catch((cause: NodeJS.ErrnoException) => {
    throw new WrongUse(`"${path}" can't be written (${cause.code})`);
  });
}
