import { hostPlatform } from '../platform.js';
import type { Settings } from '../settings.js';

/** Where one release of the vendor stands, for this platform. */
export interface ReleaseFiles {
  /** File name of the archive: "vault_1.21.1_linux_amd64.zip". */
  readonly archiveName: string;
  readonly archiveUrl: string;
  readonly sumsUrl: string;
  readonly signatureUrl: string;
}

/** The names that releases.hashicorp.com, and a mirror of it, give to a release. */
export function releaseFiles({ product, version, releasesUrl }: Settings): ReleaseFiles {
  const { os, arch } = hostPlatform();
  const base = `${releasesUrl}/${product}/${version}`;
  const archiveName = `${product}_${version}_${os}_${arch}.zip`;
  const sumsUrl = `${base}/${product}_${version}_SHA256SUMS`;
  return { archiveName, archiveUrl: `${base}/${archiveName}`, sumsUrl, signatureUrl: `${sumsUrl}.sig` };
}
