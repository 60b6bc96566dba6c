/** An executable that this package can start. */
export type Product = VaultProduct | 'consul';

/** What a Vault can be: HashiCorp's Vault, or OpenBao, its fork, with the same HTTP API. */
export type VaultProduct = 'vault' | 'openbao';

/** A server of an environment. OpenBao, too, is a `vault`. */
export type Service = 'vault' | 'consul';

/** All products, in the order in which they are named everywhere. */
export const products: readonly Product[] = ['vault', 'openbao', 'consul'];

/** The file name of a product's executable, which is its command too. */
export const commands: Record<Product, string> = { vault: 'vault', openbao: 'bao', consul: 'consul' };

/** The version that is cached, downloaded or built by default. */
export const defaultVersions: Record<Product, string> = { vault: '1.21.1', openbao: '2.7.2', consul: '1.22.7' };

/** The oldest version that is started. */
export const floorVersions: Record<Product, string> = { vault: '1.19.0', openbao: '2.6.1', consul: '1.20.0' };

const businessSource = 'the Business Source License 1.1 (BUSL-1.1): https://www.hashicorp.com/bsl';

/** The licence of a product, for the line that an installation ends with. */
export const licences: Record<Product, string> = {
  vault: businessSource,
  openbao: 'the Mozilla Public License 2.0 (MPL-2.0): https://openbao.org',
  consul: businessSource,
};

const shape = /^(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** Whether `version` looks like "1.21.1", "1.21.1-rc1" or "1.21.1+ent"; nothing else may become part of a path. */
export function isVersion(version: string): boolean {
  return shape.test(version);
}

/**
 * Whether `version` comes before `other`. A pre-release comes before its release, as in semver.org section 11;
 * build metadata ("+ent") does not count. A string that is not a version comes before every version.
 */
export function isOlder(version: string, other: string): boolean {
  const left = shape.exec(version);
  const right = shape.exec(other);
  if (left === null || right === null) return left === null && right !== null;
  for (const part of [1, 2, 3]) {
    const difference = Number(left[part]) - Number(right[part]);
    if (difference !== 0) return difference < 0;
  }
  return left[4] !== undefined && (right[4] === undefined || left[4] < right[4]);
}

/** The host's operating system and processor, in Go's words, which the vendors' file names use too. */
export interface Platform {
  /** "linux", "darwin", ... */
  readonly os: string;
  /** "amd64", "arm64", ... */
  readonly arch: string;
}

const architectures: Record<string, string> = { x64: 'amd64', ia32: '386' };

/** The platform that this process runs on (go.dev/doc/install/source#environment). */
export function hostPlatform(): Platform {
  return { os: process.platform, arch: architectures[process.arch] ?? process.arch };
}
