import { z } from 'zod';
import { text } from '../arguments.js';
import { dataSource } from '../resource-type.js';

/** @see https://developer.hashicorp.com/vault/api-docs/system/auth#read-auth-method-configuration */
export const vaultAuthBackendDataSource = dataSource({
  type: 'vault_auth_backend',
  schema: z.strictObject({ path: text }),
  computed: [
    'id',
    'type',
    'description',
    'accessor',
    'default_lease_ttl_seconds',
    'max_lease_ttl_seconds',
    'listing_visibility',
    'local',
  ],
  read: async (request, { path }) => {
    const { data } = await request('GET', `sys/auth/${path}`);
    const { config, accessor, type, description, local } = data as AuthMount;
    return {
      id: path,
      type,
      description,
      accessor,
      default_lease_ttl_seconds: config.default_lease_ttl,
      max_lease_ttl_seconds: config.max_lease_ttl,
      listing_visibility: config.listing_visibility ?? '',
      local,
    };
  },
});

interface AuthMount {
  readonly accessor: string;
  readonly type: string;
  readonly description: string;
  readonly local: boolean;
  readonly config: {
    readonly default_lease_ttl: number;
    readonly max_lease_ttl: number;
    readonly listing_visibility?: string;
  };
}
