import { isDeepStrictEqual } from 'node:util';
import type { Capability } from '../api/vault-capabilities.js';
import { flag, integer, text, textList, textMap, textSet, withoutSlashes } from './arguments.js';
import { isAsDeclared } from './lost-answer.js';
import { updateAfterRemount } from './remount.js';
import type { Computed, ServerRequest } from './resource-type.js';

/** The arguments that are tuned when they change, with what is sent for none. */
const TUNED = {
  description: '',
  audit_non_hmac_request_keys: [],
  audit_non_hmac_response_keys: [],
  allowed_managed_keys: [],
  passthrough_request_headers: [],
  allowed_response_headers: [],
  delegated_auth_accessors: [],
  listing_visibility: '',
  plugin_version: '',
} as const;

/** What every resource that mounts a secrets engine takes besides its path. */
export const secretsMountArguments = {
  description: text.optional(),
  options: textMap.default({}),
  default_lease_ttl_seconds: integer.optional(),
  max_lease_ttl_seconds: integer.optional(),
  force_no_cache: flag.optional(),
  local: flag.default(false),
  seal_wrap: flag.optional(),
  external_entropy_access: flag.default(false),
  audit_non_hmac_request_keys: textList.optional(),
  audit_non_hmac_response_keys: textList.optional(),
  allowed_managed_keys: textSet.optional(),
  passthrough_request_headers: textList.optional(),
  allowed_response_headers: textList.optional(),
  delegated_auth_accessors: textList.optional(),
  listing_visibility: text.optional(),
  plugin_version: text.optional(),
  // Vault's enterprise edition alone has it, and the provider sends it to nobody else.
  identity_token_key: text.optional(),
} as const;

/** Those of them whose change means that the engine is mounted again. */
export const replacingMountArguments = ['seal_wrap', 'external_entropy_access', 'local'] as const;

/** Those of them that stay when they are no longer declared. */
export const keptMountArguments = [
  'force_no_cache',
  'seal_wrap',
  'audit_non_hmac_request_keys',
  'audit_non_hmac_response_keys',
] as const;

/** What of the server the arguments of a mount take. */
export function mountCapabilities(declared: Readonly<Record<string, unknown>>): readonly Capability[] {
  const arguments_ = ['allowed_managed_keys', 'delegated_auth_accessors'] as const;
  return arguments_.filter((name) => declared[name] !== undefined && !isDeepStrictEqual(declared[name], []));
}

/** A secrets engine's mount as a resource declares it. */
interface MountAttributes extends Readonly<Partial<Record<keyof typeof TUNED, unknown>>> {
  readonly path: string;
  readonly options: Readonly<Record<string, string>>;
  readonly default_lease_ttl_seconds?: number | undefined;
  readonly max_lease_ttl_seconds?: number | undefined;
  readonly force_no_cache?: boolean | undefined;
  readonly local: boolean;
  readonly seal_wrap?: boolean | undefined;
  readonly external_entropy_access: boolean;
}

/**
 * Mounts a secrets engine and has it ready for its first request.
 * @param prepare what is left to do once it is mounted; where that fails it is unmounted again
 * @returns what Vault made of it
 * @see https://developer.hashicorp.com/vault/api-docs/system/mounts#enable-secrets-engine
 */
export async function mountSecretsEngine(
  request: ServerRequest,
  type: string,
  attributes: MountAttributes,
  prepare: () => Promise<unknown>,
): Promise<Computed> {
  const { path, description, options, local, seal_wrap, external_entropy_access } = attributes;
  const names = Object.keys(TUNED).filter((name) => name !== 'description') as (keyof typeof TUNED)[];
  await request('POST', `sys/mounts/${path}`, {
    type,
    description,
    options,
    local,
    seal_wrap,
    external_entropy_access,
    config: {
      ...leases(attributes),
      force_no_cache: attributes.force_no_cache,
      ...Object.fromEntries(names.map((name) => [name, attributes[name]])),
    },
  });
  try {
    const [computed] = await Promise.all([readMount(request, path), prepare()]);
    return computed;
  } catch (error) {
    // Why it is of no use is what counts, and a token that may not do that may not do this either.
    await request('DELETE', `sys/mounts/${path}`).catch(() => {});
    throw error;
  }
}

/**
 * Finds a secrets engine after an answer was lost: by its accessor, or else as it was declared.
 * @returns what Vault made of it
 */
export async function findSecretsMount(
  request: ServerRequest,
  type: string,
  { path, description, local }: MountAttributes,
  accessor: unknown,
): Promise<Computed | undefined> {
  const { data } = await request('GET', 'sys/mounts');
  const mount = (data as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[`${withoutSlashes(path)}/`];
  const isIt = mount && isAsDeclared(mount, accessor === undefined ? { type, description, local } : { accessor });
  return isIt ? readMount(request, path) : undefined;
}

/**
 * Moves a secrets engine where its path changed, and tunes it.
 * @param change what is left to do once it is tuned; where that fails it moves back
 * @see https://developer.hashicorp.com/vault/api-docs/system/mounts#tune-mount-configuration
 */
export async function changeSecretsMount(
  request: ServerRequest,
  attributes: MountAttributes,
  before: MountAttributes,
  change?: () => Promise<void>,
): Promise<void> {
  const { path, options } = attributes;
  const names = Object.keys(TUNED) as (keyof typeof TUNED)[];
  const changed = names.filter((name) => !isDeepStrictEqual(attributes[name], before[name]));
  await updateAfterRemount(request, before.path, path, async () => {
    await request('POST', `sys/mounts/${path}/tune`, {
      ...leases(attributes),
      options,
      ...Object.fromEntries(changed.map((name) => [name, attributes[name] ?? TUNED[name]])),
    });
    await change?.();
  });
}

interface MountedEngine {
  readonly accessor: string;
  readonly seal_wrap: boolean;
  readonly config: {
    readonly force_no_cache: boolean;
    readonly default_lease_ttl: number;
    readonly max_lease_ttl: number;
  };
}

async function readMount(request: ServerRequest, path: string): Promise<Computed> {
  const { data } = await request('GET', `sys/mounts/${path}`);
  const { accessor, seal_wrap, config } = data as MountedEngine;
  return {
    id: path,
    accessor,
    seal_wrap,
    force_no_cache: config.force_no_cache,
    default_lease_ttl_seconds: config.default_lease_ttl,
    max_lease_ttl_seconds: config.max_lease_ttl,
  };
}

/** Vault takes durations as text with a unit, and 0 for its own default. */
function leases(attributes: MountAttributes): Record<string, string> {
  return {
    default_lease_ttl: `${attributes.default_lease_ttl_seconds ?? 0}s`,
    max_lease_ttl: `${attributes.max_lease_ttl_seconds ?? 0}s`,
  };
}
