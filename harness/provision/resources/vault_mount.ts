import { z } from 'zod';
import { resourceType } from '../resource-type.js';

/** @see https://developer.hashicorp.com/vault/api-docs/system/mounts */
export const vaultMount = resourceType({
  type: 'vault_mount',
  schema: z.strictObject({
    path: z.string(),
    type: z.string(),
    description: z.string().optional(),
    options: z.record(z.string(), z.string()).optional(),
    default_lease_ttl_seconds: z.number().optional(),
    max_lease_ttl_seconds: z.number().optional(),
  }),
  computed: ['id', 'accessor'],
  identity: ({ path, type }) => `sys/mounts/${path} ${type}`,
  create: async (request, attributes) => {
    const { path, type, description, options } = attributes;
    await request('POST', `sys/mounts/${path}`, { type, description, options, config: tuning(attributes) });
    // A KV v2 engine upgrades its storage first; this answers once it serves.
    if (type === 'kv-v2' || options?.['version'] === '2') await request('GET', `${path}/config`);
    const { data } = await request('GET', `sys/mounts/${path}`);
    return { id: path, accessor: (data as { accessor?: string } | undefined)?.accessor };
  },
  update: async (request, attributes) => {
    const { path, description, options } = attributes;
    await request('POST', `sys/mounts/${path}/tune`, {
      description: description ?? '',
      options,
      ...tuning(attributes),
    });
  },
  remove: async (request, { path }) => {
    await request('DELETE', `sys/mounts/${path}`);
  },
});

interface Tuning {
  default_lease_ttl_seconds?: number | undefined;
  max_lease_ttl_seconds?: number | undefined;
}

/** Vault takes durations as text with a unit. */
function tuning({ default_lease_ttl_seconds: lease, max_lease_ttl_seconds: max }: Tuning): Record<string, string> {
  return {
    ...(lease === undefined ? {} : { default_lease_ttl: `${lease}s` }),
    ...(max === undefined ? {} : { max_lease_ttl: `${max}s` }),
  };
}
