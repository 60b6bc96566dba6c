import { z } from 'zod';
import { flag, integer, text } from '../arguments.js';
import { resourceType, type ServerRequest, writtenTo } from '../resource-type.js';

const schema = z.strictObject({
  mount: text,
  max_versions: integer.optional(),
  cas_required: flag.optional(),
  delete_version_after: integer.optional(),
});

type Attributes = z.output<typeof schema>;

const pathOf = ({ mount }: Attributes): string => `${mount}/config`;

const write = async (request: ServerRequest, attributes: Attributes): Promise<void> => {
  const { max_versions = 0, cas_required = false, delete_version_after = 0 } = attributes;
  await request('POST', pathOf(attributes), { max_versions, cas_required, delete_version_after });
};

/** @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#configure-the-kv-engine */
export const vaultKvSecretBackendV2 = resourceType({
  type: 'vault_kv_secret_backend_v2',
  schema,
  computed: ['id'],
  forceNew: ['mount'],
  kept: ['max_versions', 'cas_required'],
  ...writtenTo(pathOf, write),
  // A configuration can't be removed: it goes with its mount.
  remove: async () => {},
});
