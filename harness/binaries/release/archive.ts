import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Entry } from 'yauzl';
import { VaultproofError } from '../../../errors/index.js';

const largestEntry = 2 ** 30;

/**
 * Writes the one entry `name` of a zip archive to `target` (mode 0755) and nothing else. Every entry is looked at
 * before anything is unpacked.
 *
 * @throws VaultproofError `archive_unsafe` for a file that is no zip, an entry that leaves the folder, is absolute, a
 *   link, a duplicate, encrypted or larger than 1 GiB, and when `name` is missing
 */
export async function extractEntry(zipPath: string, name: string, target: string, signal: AbortSignal): Promise<void> {
  const { openPromise, validateFileName } = await import('yauzl');
  const unsafe = (reason: string, cause?: unknown): VaultproofError =>
    new VaultproofError(
      'archive_unsafe',
      `the downloaded archive ${reason}: nothing was unpacked; do not use that mirror`,
      {
        details: { archive: zipPath },
        cause,
      },
    );

  const archive = await openPromise(zipPath, { autoClose: false, strictFileNames: true }).catch((cause: unknown) => {
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
      const problem = validateFileName(entry.fileName) ?? problemOf(entry, seen);
      if (problem !== undefined) throw unsafe(`has the entry "${entry.fileName}", refused as ${problem}`);
      seen.add(keyOf(entry));
      if (entry.fileName === name) wanted = entry;
    }
    if (wanted === undefined) throw unsafe(`has no entry "${name}"`);
    const content = await archive.openReadStreamPromise(wanted).catch((cause: unknown) => {
      throw unsafe(`has an unreadable entry "${name}"`, cause);
    });
    await pipeline(content, createWriteStream(target, { mode: 0o755, flags: 'wx' }), { signal });
  } finally {
    archive.close();
  }
}

function problemOf(entry: Entry, seen: ReadonlySet<string>): string | undefined {
  // The upper half of the attributes is a Unix mode; 0 when the archive was made elsewhere.
  const kind = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (kind !== 0 && kind !== 0o100000 && kind !== 0o040000) return 'neither file nor folder (a link, perhaps)';
  if (entry.fileName.split('/').includes('..')) return 'a path out of the archive';
  if (seen.has(keyOf(entry))) return 'a duplicate';
  if (entry.isEncrypted()) return 'encrypted';
  if (entry.uncompressedSize > largestEntry) return `larger than ${largestEntry} bytes`;
  return undefined;
}

// On a file system that ignores case, two spellings are one file.
function keyOf({ fileName }: Entry): string {
  return fileName.replace(/\/$/, '').toLowerCase();
}
