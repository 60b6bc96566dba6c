import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { UsageError } from '../errors/index.js';
import { readRegularFile } from '../internal/regular-file.js';

/** A file that the user named, as text. @throws UsageError when it can't be read, or is a pipe, a device or a folder */
export async function readNamed(path: string): Promise<string> {
  const { text } = await readRegularFile(path).catch((cause: Error) => {
    throw new UsageError(`"${path}" ${cause.message}`);
  });
  return text;
}

/**
 * Writes a file that only its owner may read, also where it is there already.
 * @throws UsageError when it can't be written, and for a symbolic link, which may lead to another user's file
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
    throw new UsageError(`"${path}" can't be written (${code === 'ELOOP' ? 'it is a symbolic link' : code})`);
  }
}

/**
 * The text of a file, or of standard input for `-`.
 * @throws UsageError when the file can't be read
 */
export async function readInput(path: string): Promise<string> {
  return path === '-' ? text(process.stdin) : readNamed(path);
}

/** An option's own text, or the file's that it names after an @. */
export function readText(value: string): Promise<string> {
  return value.startsWith('@') ? readInput(value.slice(1)) : Promise.resolve(value);
}

/**
 * The members of a JSON object that an option carries or names.
 * @throws UsageError for anything else, without its text
 */
export async function readJsonObject(option: string, value: string): Promise<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readText(value));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  throw new UsageError(`--${option} must be a JSON object, or @ and the name of a file that holds one`);
}

/** The token of the admin API in a file, or on standard input for `-`, without the line's end. */
export async function readAdminToken(path: string): Promise<string> {
  return (await readInput(path)).trim();
}
