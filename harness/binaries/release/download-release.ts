import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { VaultproofError } from '../../../errors/index.js';
import type { Workplace } from '../install-into-cache.js';
import type { Settings } from '../settings.js';
import { throttle } from '../throttle.js';
import { extractEntry } from './archive.js';
import { sumFor } from './checksums.js';
import { type Download, type HttpClient, openHttpClient, type Timeouts } from './http-client.js';
import { releaseFiles } from './release-files.js';
import { verifySignature } from './signature.js';

/** What a download is held to. */
export interface ReleaseTrust {
  /** The armored public key that must have signed the sums. */
  readonly trustedKey: string;
  readonly timeouts: Timeouts;
}

const largestSums = 2 ** 20;
const largestArchive = 2 ** 30;

/**
 * Downloads the vendor's release to `workplace.target`. The signature over the sums is verified before they are
 * believed, and the archive's sum before anything is unpacked.
 *
 * @throws VaultproofError `download_failed` when the release can't be had; `signature_untrusted`, `checksum_mismatch`
 *   or `archive_unsafe` when it is not what the vendor published
 */
export async function downloadRelease(settings: Settings, workplace: Workplace, trust: ReleaseTrust): Promise<void> {
  const { product, version, report } = settings;
  const files = releaseFiles(settings);
  const archivePath = join(workplace.scratch, files.archiveName);
  await using client = await openHttpClient(trust.timeouts, workplace.signal);

  report(`downloading ${product} ${version} from ${settings.releasesUrl}`);
  const expected = await trustedSum(client, settings, trust.trustedKey);
  const actual = await save(settings, await client.get(files.archiveUrl), archivePath, workplace.signal);
  if (actual !== expected) {
    throw new VaultproofError(
      'checksum_mismatch',
      `"${files.archiveUrl}" has the SHA-256 ${actual}, and ${expected} was published: nothing was unpacked; do not use that mirror`,
      { details: { url: files.archiveUrl, expected, actual } },
    );
  }
  await extractEntry(archivePath, product, workplace.target, workplace.signal);
  await rm(archivePath);
}

async function trustedSum(client: HttpClient, settings: Settings, trustedKey: string): Promise<string> {
  const { archiveName, sumsUrl, signatureUrl } = releaseFiles(settings);
  const sums = await client.getWhole(sumsUrl, largestSums);
  const signature = await client.getWhole(signatureUrl, largestSums);
  await verifySignature(sumsUrl, sums, signature, trustedKey);
  return listedSum(sums, archiveName, sumsUrl);
}

/** The sum of `archiveName` in the bytes of a SHA256SUMS file; throws `download_failed` if there is none. */
export function listedSum(sums: Uint8Array, archiveName: string, sumsUrl: string): string {
  const sum = sumFor(new TextDecoder().decode(sums), archiveName);
  if (sum !== undefined) return sum;
  throw new VaultproofError(
    'download_failed',
    `"${sumsUrl}" lists no "${archiveName}": that release does not exist for this platform`,
    { details: { url: sumsUrl, archiveName } },
  );
}

async function save(settings: Settings, download: Download, path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const report = throttle(settings.report);
  let received = 0;
  const measured = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of download.chunks) {
      received += chunk.length;
      if (received > largestArchive) {
        throw new VaultproofError(
          'download_failed',
          `the archive is larger than ${largestArchive} bytes: check the mirror`,
          {
            details: { url: settings.releasesUrl },
          },
        );
      }
      hash.update(chunk);
      report(`downloading ${settings.product} ${settings.version}: ${amount(received, download.length)}`);
      yield chunk;
    }
  };
  await pipeline(measured(), createWriteStream(path, { flags: 'wx' }), { signal });
  return hash.digest('hex');
}

function amount(received: number, length: number | undefined): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return length === undefined || length === 0
    ? `${megabytes(received)} MB`
    : `${megabytes(received)} of ${megabytes(length)} MB, ${Math.floor((received / length) * 100)} %`;
}
