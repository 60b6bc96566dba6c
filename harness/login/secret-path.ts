import { UsageError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { encodePath } from '../api/vault-api.js';

/** Where a secret lies in the API. */
export interface SecretPath {
  /** The API path, not encoded: KV v2 has `data/` after its mount. */
  readonly apiPath: string;
  /** The engine's path, with a slash at its end; undefined where the server does not say. */
  readonly mount: string | undefined;
  /** Of the KV engine; 1 for other engines too, which have no `data/`. */
  readonly version: 1 | 2;
}

/**
 * A path as callers write it, without slashes at its ends.
 * @throws UsageError where JavaScript gives something else
 */
export function bare(path: string): string {
  if (typeof path !== 'string') throw new UsageError(`the path is "${path}": expected a string such as "kv/app/db"`);
  return path.replace(/^\/+|\/+$/g, '');
}

/** What says which engine a path belongs to, as `vault kv` asks it. */
export function preflightPath(path: string): string {
  return `sys/internal/ui/mounts/${encodePath(path)}`;
}

/**
 * The API path of a secret.
 * @param path without slashes at its ends
 * @param mount the `data` that {@link preflightPath} answers
 */
export function secretPath(path: string, mount: Readonly<Record<string, unknown>>): SecretPath {
  const { path: mountPath, options } = mount;
  if (typeof mountPath !== 'string') return { apiPath: path, mount: undefined, version: 1 };
  if (!isRecord(options) || options['version'] !== '2') return { apiPath: path, mount: mountPath, version: 1 };
  return { apiPath: `${mountPath}data/${path.slice(mountPath.length)}`, mount: mountPath, version: 2 };
}

/**
 * The KV engines that sessions of one server, or of one namespace of it, have found: where a secret lies need not be asked
 * before each read. Another engine may be there by now, so an answer counts only where {@link secretOf} finds it to be of the
 * version that was asked.
 */
export interface KnownKvMounts {
  /** Keeps what a server answered about the engine at a path. */
  keep(mount: Readonly<Record<string, unknown>>): void;
  /** Where a secret lies, if its engine is as it was; undefined where none is known. */
  placeOf(path: string): SecretPath | undefined;
}

/** No engines yet. */
export function knownKvMounts(): KnownKvMounts {
  const engines = new Map<string, Readonly<Record<string, unknown>>>();
  return {
    keep: (mount) => {
      const { path, type } = mount;
      if (typeof path === 'string' && type === 'kv') engines.set(path, mount);
    },
    placeOf: (path) => {
      // Vault mounts no engine within another one's path.
      const known = [...engines].find(([at]) => path.startsWith(at));
      return known && secretPath(path, known[1]);
    },
  };
}

/**
 * The secret in the `data` of an answer.
 * @returns undefined where an engine of the other version answered; a secret of version 1 that looks like an answer of version 2
 * counts as one
 */
export function secretOf(
  data: Readonly<Record<string, unknown>>,
  version: SecretPath['version'],
): Readonly<Record<string, unknown>> | undefined {
  const { data: secret, metadata } = data;
  const isVersioned = isRecord(secret) && isRecord(metadata) && typeof metadata['version'] === 'number';
  if (version === 1) return isVersioned ? undefined : data;
  return isVersioned ? secret : undefined;
}
