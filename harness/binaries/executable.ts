import type { Product } from './versions.js';

/** Where an executable can come from, in the order in which the sources are asked. */
export type ExecutableSource = 'explicit' | 'path' | 'cache' | 'release' | 'go-module';

/** A server executable that ran on this machine and said who it is. */
export interface Executable {
  readonly product: Product;
  /** Absolute path of the file. */
  readonly path: string;
  /** What it answers to `version`, without the "v": "1.21.1". */
  readonly version: string;
  /** `release` and `go-module` right after an installation; from then on the same file is `cache`. */
  readonly source: ExecutableSource;
}

/** How an executable is looked for. */
export interface ExecutableOptions {
  /**
   * The version to take from the cache, to download or to build; {@link defaultVersions} by default. Where it is
   * given, an executable on PATH counts only if it is that version; otherwise any from the floor up does.
   */
  readonly version?: string;
  /** Path of the executable; VAULTPROOF_VAULT_PATH or VAULTPROOF_CONSUL_PATH by default. */
  readonly executable?: string;
  /** Folder of the cache; VAULTPROOF_CACHE_DIR by default, else the user's cache folder (~/.cache/vaultproof). */
  readonly cacheDir?: string;
  /** Where releases are downloaded; VAULTPROOF_RELEASES_URL by default, else https://releases.hashicorp.com. */
  readonly releasesUrl?: string;
  /** Takes progress, one line at a time, without a line end. */
  readonly report?: (line: string) => void;
  /** Ends the search, the download or the build; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}
