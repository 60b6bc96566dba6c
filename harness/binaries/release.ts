import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { VaultproofError } from '../../errors/index.js';
import { extractEntry } from './archive.js';
import { type Download, type HttpClient, openHttpClient, type Remote, type Timeouts } from './download.js';
import type { Workplace } from './install.js';
import { commands, hostPlatform, type Product } from './products.js';
import { progressOf, releasesVariables, type Settings } from './settings.js';

/** What a download is held to. */
export interface ReleaseTrust {
  /** The armored public key that must have signed the sums, by product. */
  readonly trustedKey: (product: Product) => Promise<string>;
  readonly timeouts: Timeouts;
}

const largestSums = 2 ** 20;
const largestArchive = 2 ** 30;

/** How long the server of releases may take to each answer where it is only asked what there is. */
const lookTimeouts: Timeouts = { connectMs: 2_500, idleMs: 2_500, graceMs: 5_000 };

/**
 * The vendor's public release key, armored, as keys/ has it.
 *
 * HashiCorp's (C874 011F 0AB4 0511 0D02 1055 3436 5D94 72D7 468F, valid to 2030) is the one that the Go module
 * github.com/hashicorp/hc-install ships in v0.10.0; see https://www.hashicorp.com/trust/security. OpenBao's
 * (66D1 5FDD 8728 7219 C8E1 5478 D200 CD70 2853 E6D0) is the one that its repository has for openbao.org; see
 * https://openbao.org/docs/install.
 */
export function vendorKey(product: Product): Promise<string> {
  const name = product === 'openbao' ? 'openbao' : 'hashicorp';
  return readFile(new URL(`./keys/${name}.asc`, import.meta.url), 'utf8');
}

/** Where one release of a vendor stands, for this platform. */
interface ReleaseFiles {
  /** File name of the archive: "vault_1.21.1_linux_amd64.zip". */
  readonly archiveName: string;
  readonly archiveUrl: string;
  readonly sumsUrl: string;
  readonly signatureUrl: string;
}

/** The names that releases.hashicorp.com, the releases of openbao/openbao, and mirrors of them, give to a release. */
function releaseFiles({ product, version, releasesUrl }: Settings): ReleaseFiles {
  const { os, arch } = hostPlatform();
  if (product === 'openbao') {
    const base = `${releasesUrl}/v${version}`;
    const archiveName = `openbao_${version}_${os}_${arch}.tar.gz`;
    const sumsUrl = `${base}/checksums.txt`;
    return { archiveName, archiveUrl: `${base}/${archiveName}`, sumsUrl, signatureUrl: `${sumsUrl}.gpgsig` };
  }
  const base = `${releasesUrl}/${product}/${version}`;
  const archiveName = `${product}_${version}_${os}_${arch}.zip`;
  const sumsUrl = `${base}/${product}_${version}_SHA256SUMS`;
  return { archiveName, archiveUrl: `${base}/${archiveName}`, sumsUrl, signatureUrl: `${sumsUrl}.sig` };
}

/**
 * Asks whether there is a release for this platform, 2.5 s at most for each answer, and returns its URL. The sums are
 * not verified.
 *
 * @throws VaultproofError `download_failed`
 */
export async function findRelease(settings: Settings): Promise<string> {
  const { archiveName, archiveUrl, sumsUrl } = releaseFiles(settings);
  await using client = await openHttpClient(lookTimeouts, remoteOf(settings, settings.signal));
  listedSum(await client.getWhole(sumsUrl, largestSums), archiveName, sumsUrl);
  return archiveUrl;
}

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
  await using client = await openHttpClient(trust.timeouts, remoteOf(settings, workplace.signal));

  report(`downloading ${product} ${version} from ${settings.releasesUrl}`);
  const expected = await trustedSum(client, settings, await trust.trustedKey(product));
  const actual = await save(settings, await client.get(files.archiveUrl), archivePath, workplace.signal);
  if (actual !== expected) {
    throw new VaultproofError(
      'checksum_mismatch',
      `"${files.archiveUrl}" has the SHA-256 ${actual}, and ${expected} was published: nothing was unpacked; do not use that mirror`,
      { details: { url: files.archiveUrl, expected, actual } },
    );
  }
  await extractEntry(archivePath, commands[product], workplace.target, workplace.signal);
  await rm(archivePath);
}

function remoteOf({ product }: Settings, signal: AbortSignal | undefined): Remote {
  return { signal, mirrorVariable: releasesVariables[product] };
}

async function trustedSum(client: HttpClient, settings: Settings, trustedKey: string): Promise<string> {
  const { archiveName, sumsUrl, signatureUrl } = releaseFiles(settings);
  const sums = await client.getWhole(sumsUrl, largestSums);
  const signature = await client.getWhole(signatureUrl, largestSums);
  await verifySignature(settings, sumsUrl, sums, signature, trustedKey);
  return listedSum(sums, archiveName, sumsUrl);
}

/** The sum of `archiveName` in the bytes of a SHA256SUMS file; throws `download_failed` if there is none. */
function listedSum(sums: Uint8Array, archiveName: string, sumsUrl: string): string {
  for (const line of new TextDecoder().decode(sums).split('\n')) {
    const [, sum, name] = /^([0-9a-fA-F]{64}) [ *](\S+)\s*$/.exec(line) ?? [];
    if (name === archiveName && sum !== undefined) return sum.toLowerCase();
  }
  throw new VaultproofError(
    'download_failed',
    `"${sumsUrl}" lists no "${archiveName}": that release does not exist for this platform`,
    { details: { url: sumsUrl, archiveName } },
  );
}

/**
 * Returns when `signature`, a detached OpenPGP signature, was made over `data` with `trustedKey` (armored) or a signing
 * subkey of it that was valid at that time (RFC 9580 section 5.2).
 *
 * @throws VaultproofError `signature_untrusted` otherwise
 */
async function verifySignature(
  { product }: Settings,
  url: string,
  data: Uint8Array,
  signature: Uint8Array,
  trustedKey: string,
): Promise<void> {
  const { createMessage, readKey, readSignature, verify } = await import('openpgp');
  const verificationKeys = await readKey({ armoredKey: trustedKey });
  const text = new TextDecoder().decode(signature);
  try {
    const { signatures } = await verify({
      message: await createMessage({ binary: data }),
      signature: text.startsWith('-----BEGIN')
        ? await readSignature({ armoredSignature: text })
        : await readSignature({ binarySignature: signature }),
      verificationKeys,
    });
    await Promise.any(signatures.map(({ verified }) => verified));
  } catch (cause) {
    const fingerprint = verificationKeys.getFingerprint().toUpperCase();
    throw new VaultproofError(
      'signature_untrusted',
      `"${url}" is not signed by the key ${fingerprint}, so nothing was downloaded: check the clock and ${releasesVariables[product]}`,
      { details: { url, fingerprint }, cause },
    );
  }
}

async function save(settings: Settings, download: Download, path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const report = progressOf(settings.report);
  let received = 0;
  const measured = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of download.chunks) {
      received += chunk.length;
      if (received > largestArchive) {
        throw new VaultproofError(
          'download_failed',
          `the archive is larger than ${largestArchive} bytes: check the mirror`,
          { details: { url: settings.releasesUrl } },
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

/** How much of a download is there: "12.3 of 150.1 MB, 8 %". */
function amount(received: number, length: number | undefined): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return length === undefined || length === 0
    ? `${megabytes(received)} MB`
    : `${megabytes(received)} of ${megabytes(length)} MB, ${Math.floor((received / length) * 100)} %`;
}
