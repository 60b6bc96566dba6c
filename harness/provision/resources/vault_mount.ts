import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { flag, integer, mountPath, text, textList, textMap, textSet } from '../arguments.js';
import { remount } from '../remount.js';
import { type Computed, resourceType, type ServerRequest } from '../resource-type.js';

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

const schema = z.strictObject({
  path: mountPath,
  type: text,
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
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/system/mounts */
export const vaultMount = resourceType({
  type: 'vault_mount',
  schema,
  computed: ['id', 'accessor'],
  forceNew: ['type', 'seal_wrap', 'external_entropy_access', 'local'],
  kept: [
    'default_lease_ttl_seconds',
    'max_lease_ttl_seconds',
    'force_no_cache',
    'seal_wrap',
    'audit_non_hmac_request_keys',
    'audit_non_hmac_response_keys',
  ],
  mountPoint: ({ path }) => path,
  create: async (request, attributes) => {
    const { path, type, description, options, local, seal_wrap, external_entropy_access } = attributes;
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
      const isVersioned = type === 'kv-v2' || options['version'] === '2';
      // A KV v2 engine upgrades its storage first; its configuration is there once it serves.
      const served = isVersioned ? request('GET', `${path}/config`) : undefined;
      const [computed] = await Promise.all([readMount(request, path), served]);
      return computed;
    } catch (error) {
      // Why it is of no use is what counts, and a token that may not do that may not do this either.
      await request('DELETE', `sys/mounts/${path}`).catch(() => {});
      throw error;
    }
  },
  update: async (request, attributes, { attributes: before }) => {
    const { path, options } = attributes;
    if (path !== before.path) await remount(request, before.path, path);
    const names = Object.keys(TUNED) as (keyof typeof TUNED)[];
    const changed = names.filter((name) => !isDeepStrictEqual(attributes[name], before[name]));
    await request('POST', `sys/mounts/${path}/tune`, {
      ...leases(attributes),
      options,
      ...Object.fromEntries(changed.map((name) => [name, attributes[name] ?? TUNED[name]])),
    });
    return { id: path };
  },
  remove: async (request, { attributes: { path } }) => {
    await request('DELETE', `sys/mounts/${path}`);
  },
});

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
function leases(attributes: Attributes): Record<string, string> {
  return {
    default_lease_ttl: `${attributes.default_lease_ttl_seconds ?? 0}s`,
    max_lease_ttl: `${attributes.max_lease_ttl_seconds ?? 0}s`,
  };
}
