import { tmpdir } from 'node:os';
import { delimiter, isAbsolute } from 'node:path';
import type { Product } from './versions.js';

// Rule of this folder: process.env is read here and nowhere else.

/** The variables that stand in for options, by option; an empty one counts as unset. */
export interface EnvironmentSettings {
  readonly executable: string | undefined;
  readonly cacheDir: string | undefined;
  readonly releasesUrl: string | undefined;
}

/** Name of the variable that holds the path of a product's executable. */
export const pathVariables: Record<Product, string> = {
  vault: 'VAULTPROOF_VAULT_PATH',
  openbao: 'VAULTPROOF_VAULT_PATH',
  consul: 'VAULTPROOF_CONSUL_PATH',
};

/** The VAULTPROOF_* variables that concern `product`. */
export function environmentSettings(product: Product): EnvironmentSettings {
  return {
    executable: process.env[pathVariables[product]] || undefined,
    cacheDir: process.env['VAULTPROOF_CACHE_DIR'] || undefined,
    releasesUrl: process.env['VAULTPROOF_RELEASES_URL'] || undefined,
  };
}

/** The folders of PATH in order. Relative ones are left out: what they mean depends on where one stands. */
export function searchPath(): readonly string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
}

/** What a server executable sees when it is asked for its version: PATH and a HOME that is not the user's. */
export function checkEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: tmpdir() };
}

const goNames = new Set([
  ...['HOME', 'USER', 'LOGNAME', 'PATH', 'TMPDIR', 'LANG', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'NETRC'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'CURL_CA_BUNDLE'],
]);

/**
 * What the Go client sees: the user's own HOME, PATH, GO*, proxy and certificate variables, so that module proxies,
 * caches and certificates work as they do in the user's shell.
 */
export function goEnvironment(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && (goNames.has(name) || /^GO[A-Z0-9_]+$/.test(name))) kept[name] = value;
  }
  return kept;
}
