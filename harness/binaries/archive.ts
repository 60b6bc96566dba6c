import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Entry } from 'yauzl';
import { VaultproofError } from '../../errors/index.js';

const largestEntry = 2 ** 30;

type Unsafe = (reason: string, cause?: unknown) => VaultproofError;

/**
 * Writes the one entry `name` of a zip archive (a wheel is one) or of a `.tar.gz` to `target` (mode 0755) and nothing
 * else. Every entry is looked at before the file counts: an unsafe one anywhere leaves no `target`.
 *
 * @throws VaultproofError `archive_unsafe` for a file that is not such an archive, an entry that leaves the folder, is
 *   absolute, a link, a duplicate, encrypted or larger than 1 GiB, and when `name` is missing
 */
export async function extractEntry(path: string, name: string, target: string, signal: AbortSignal): Promise<void> {
  const unsafe: Unsafe = (reason, cause) =>
    new VaultproofError(
      'archive_unsafe',
      `the downloaded archive ${reason}: nothing was unpacked; do not use that mirror`,
      { details: { archive: path }, cause },
    );
  await (path.endsWith('.tar.gz') ? extractFromTar : extractFromZip)(path, name, target, signal, unsafe);
}

async function extractFromZip(
  path: string,
  name: string,
  target: string,
  signal: AbortSignal,
  unsafe: Unsafe,
): Promise<void> {
  const { openPromise, validateFileName } = await import('yauzl');
  const archive = await openPromise(path, { autoClose: false, strictFileNames: true }).catch((cause: unknown) => {
    throw unsafe('is not a zip file', cause);
  });
  try {
    const seen = new Set<string>();
    let wanted: Entry | undefined;
    const entries = archive.eachEntry();
    for (;;) {
      const next = await entries.next().catch((cause: unknown) => {
        throw unsafe(`has an invalid entry (${cause instanceof Error ? cause.message : String(cause)})`, cause);
      });
      if (next.done) break;
      const entry = next.value;
      const problem = validateFileName(entry.fileName) ?? zipProblem(entry) ?? problemOf(entry.fileName, seen);
      if (problem !== undefined) throw unsafe(`has the entry "${entry.fileName}", refused as ${problem}`);
      if (entry.fileName === name) wanted = entry;
    }
    if (wanted === undefined) throw unsafe(`has no entry "${name}"`);
    const content = await archive.openReadStreamPromise(wanted).catch((cause: unknown) => {
      throw unsafe(`has an unreadable entry "${name}"`, cause);
    });
    await pipeline(content, createWriteStream(target, { mode: 0o755, flags: 'wx' }), { signal }).catch(
      (cause: Error) => {
        signal.throwIfAborted();
        // What the file system refuses is not the archive's fault.
        throw 'syscall' in cause ? cause : unsafe(`has an unreadable entry "${name}" (${cause.message})`, cause);
      },
    );
  } finally {
    archive.close();
  }
}

async function extractFromTar(
  path: string,
  name: string,
  target: string,
  signal: AbortSignal,
  unsafe: Unsafe,
): Promise<void> {
  const { extract } = await import('tar-stream');
  const entries = extract();
  const feeding = pipeline(createReadStream(path), createGunzip(), entries, { signal });
  // Told by the loop below, which ends with the same error.
  feeding.catch(() => {});
  const seen = new Set<string>();
  let written = false;
  try {
    for await (const entry of entries) {
      const { name: entryName, type, size = 0 } = entry.header;
      const problem =
        type !== 'file' && type !== 'directory'
          ? 'neither file nor folder (a link, perhaps)'
          : size > largestEntry
            ? `larger than ${largestEntry} bytes`
            : problemOf(entryName, seen);
      if (problem !== undefined) throw unsafe(`has the entry "${entryName}", refused as ${problem}`);
      if (entryName !== name || type !== 'file') {
        entry.resume();
        continue;
      }
      await pipeline(entry, createWriteStream(target, { mode: 0o755, flags: 'wx' }), { signal });
      written = true;
    }
    await feeding;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof VaultproofError || (error instanceof Error && 'syscall' in error)) throw error;
    throw unsafe(`is not a .tar.gz file (${error instanceof Error ? error.message : String(error)})`, error);
  } finally {
    entries.destroy();
  }
  if (!written) throw unsafe(`has no entry "${name}"`);
}

function zipProblem(entry: Entry): string | undefined {
  // The upper half of the attributes is a Unix mode; 0 when the archive was made elsewhere.
  const kind = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (kind !== 0 && kind !== 0o100000 && kind !== 0o040000) return 'neither file nor folder (a link, perhaps)';
  if (entry.isEncrypted()) return 'encrypted';
  if (entry.uncompressedSize > largestEntry) return `larger than ${largestEntry} bytes`;
  return undefined;
}

function problemOf(name: string, seen: Set<string>): string | undefined {
  if (name.startsWith('/')) return 'an absolute path';
  if (name.split('/').includes('..')) return 'a path out of the archive';
  // On a file system that ignores case, two spellings are one file.
  const key = name.replace(/\/$/, '').toLowerCase();
  if (seen.has(key)) return 'a duplicate';
  seen.add(key);
  return undefined;
}
