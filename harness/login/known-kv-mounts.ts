import { isRecord } from '../../internal/json.js';
import { type SecretPath, secretPath } from './secret-path.js';

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
