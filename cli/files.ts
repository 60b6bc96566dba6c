import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { WrongUse } from '../errors/index.js';

/** A file that the user named, as text. @throws WrongUse when it can't be read */
export async function readNamed(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new WrongUse(`"${path}" can't be read (${cause.code})`);
  });
}

/**
 * Writes a file that only its owner may read, also where it is there already.
 * @throws WrongUse when it can't be written, and for a symbolic link, which may lead to somebody else's file
 */
export async function writeOwn(path: string, text: string): Promise<void> {
  try {
    const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;
    await using file = await open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600);
    // A pipe or a device has no mode of ours, and nothing to cut off.
    if ((await file.stat()).isFile()) {
      await file.chmod(0o600);
      await file.truncate();
    }
    await file.writeFile(text);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new WrongUse(`"${path}" can't be written (${code === 'ELOOP' ? 'it is a symbolic link' : code})`);
  }
}
