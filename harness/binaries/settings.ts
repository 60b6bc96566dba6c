import { resolve } from 'node:path';
import envPaths from 'env-paths';
import { WrongUse } from '../../errors/index.js';
import { environmentSettings, pathVariables } from './environment.js';
import type { ExecutableOptions } from './executable.js';
import { defaultVersions, floorVersions, isOlder, isVersion, type Product, products } from './versions.js';

/** Options with every default filled in. */
export interface Settings {
  readonly product: Product;
  /** The version to cache, download or build. */
  readonly version: string;
  /** Whether the caller asked for that version, so that no other will do. */
  readonly exact: boolean;
  /** The explicit path, absolute, and who gave it: "option executable" or the name of the variable. */
  readonly explicit: { readonly path: string; readonly from: string } | undefined;
  /** Absolute path of the cache. */
  readonly cacheDir: string;
  /** Without a slash at the end. */
  readonly releasesUrl: string;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Fills options in from the environment and the defaults.
 *
 * @throws TypeError for an unknown product, a malformed or too old version, an empty path, or a URL that is not http(s) or
 *   holds a user name or password.
 */
export function settingsFor(product: Product, options: ExecutableOptions = {}): Settings {
  if (!products.includes(product)) {
    throw new WrongUse(`unknown product "${String(product)}": expected "vault", "openbao" or "consul"`);
  }
  const environment = environmentSettings(product);
  return {
    product,
    version: wantedVersion(product, options.version),
    exact: options.version !== undefined,
    explicit: explicitPath(product, options.executable, environment.executable),
    cacheDir: cacheDirectory(nonEmpty('cacheDir', options.cacheDir) ?? environment.cacheDir),
    releasesUrl: httpUrl(options.releasesUrl ?? environment.releasesUrl ?? 'https://releases.hashicorp.com'),
    report: options.report ?? (() => {}),
    signal: options.signal,
  };
}

/** Absolute path of the cache: the one that is given, else the one of this user. */
export function cacheDirectory(given: string | undefined): string {
  return resolve(given ?? envPaths('vaultproof', { suffix: '' }).cache);
}

function wantedVersion(product: Product, version: string | undefined): string {
  if (version === undefined) return defaultVersions[product];
  if (!isVersion(version)) {
    throw new WrongUse(`"${version}" is not a version: expected something like "${defaultVersions[product]}"`);
  }
  if (isOlder(version, floorVersions[product])) {
    throw new WrongUse(`${product} "${version}" is too old: ask for ${floorVersions[product]} or newer`);
  }
  return version;
}

function explicitPath(
  product: Product,
  option: string | undefined,
  variable: string | undefined,
): Settings['explicit'] {
  const given = nonEmpty('executable', option);
  if (given !== undefined) return { path: resolve(given), from: 'option executable' };
  return variable === undefined ? undefined : { path: resolve(variable), from: pathVariables[product] };
}

function nonEmpty(name: string, value: string | undefined): string | undefined {
  if (value === '') throw new WrongUse(`option ${name} is empty: give a path, or leave it out for the default`);
  return value;
}

function httpUrl(url: string): string {
  if (!URL.canParse(url)) throw new WrongUse(`the releases URL "${url}" is not a URL: give an http or https URL`);
  const { protocol, username, password } = new URL(url);
  // Neither is repeated: a message must not carry a password.
  if (username !== '' || password !== '') throw new WrongUse('the releases URL holds a user name: leave it out');
  if (!/^https?:$/.test(protocol)) {
    throw new WrongUse(`the releases URL has the protocol "${protocol}": give an http or https URL`);
  }
  return url.replace(/\/+$/, '');
}
