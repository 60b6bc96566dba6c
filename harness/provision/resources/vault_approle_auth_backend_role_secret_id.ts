import { z } from 'zod';
import { integer, jsonObject, text, textSet, withoutSlashes } from '../arguments.js';
import { isAsDeclared } from '../requests.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({
  backend: text.overwrite(withoutSlashes).default('approle'),
  role_name: text,
  secret_id: text.optional(),
  cidr_list: textSet.default([]),
  metadata: jsonObject.default('{}'),
  ttl: integer.optional(),
  num_uses: integer.optional(),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/auth/approle#generate-new-secret-id */
export const vaultApproleAuthBackendRoleSecretId = resourceType({
  type: 'vault_approle_auth_backend_role_secret_id',
  schema,
  computed: ['id', 'accessor', 'secret_id'],
  forceNew: ['backend', 'role_name', 'secret_id', 'cidr_list', 'metadata', 'ttl', 'num_uses'],
  kept: ['secret_id'],
  path: (attributes) => `${rolePath(attributes)}/secret-id`,
  capabilities: () => ['auth/approle'],
  find: async (request, { attributes, computed }, others) => {
    const path = `${rolePath(attributes)}/secret-id`;
    const { data } = await request('LIST', path).catch(() => ({ data: undefined }));
    const { keys = [] } = (data ?? {}) as { readonly keys?: readonly string[] };
    const taken = others.map(({ accessor }) => accessor);
    for (const accessor of keys) {
      const isKnown = computed['accessor'] === accessor;
      if (isKnown) return { attributes, computed };
      if (computed['accessor'] !== undefined || taken.includes(accessor)) continue;
      const { data: found } = await request('POST', `${path}-accessor/lookup`, { secret_id_accessor: accessor });
      const { cidr_list, num_uses } = attributes;
      const declared = {
        cidr_list,
        metadata: metadataOf(attributes),
        ...(num_uses && { secret_id_num_uses: num_uses }),
      };
      if (isAsDeclared(found as Readonly<Record<string, unknown>>, declared)) {
        return { attributes, computed: { id: idOf(attributes, accessor), accessor } };
      }
    }
    return undefined;
  },
  create: async (request, attributes) => {
    const { secret_id, cidr_list, ttl, num_uses } = attributes;
    const path = `${rolePath(attributes)}/${secret_id === undefined ? 'secret-id' : 'custom-secret-id'}`;
    const metadata = metadataOf(attributes);
    const { data } = await request('POST', path, {
      secret_id,
      cidr_list: cidr_list.length === 0 ? undefined : cidr_list.join(','),
      metadata: Object.keys(metadata).length === 0 ? '' : attributes.metadata,
      ttl,
      num_uses,
    });
    const made = data as { readonly secret_id: string; readonly secret_id_accessor: string };
    const accessor = made.secret_id_accessor;
    return { id: idOf(attributes, accessor), accessor, secret_id: made.secret_id };
  },
  // Every argument forces replacement.
  update: async () => undefined,
  remove: async (request, { attributes, computed }) => {
    await destroy(request, attributes, computed['accessor']);
  },
});

async function destroy(request: ServerRequest, attributes: Attributes, accessor: unknown): Promise<void> {
  await request('POST', `${rolePath(attributes)}/secret-id-accessor/destroy`, { secret_id_accessor: accessor });
}

function metadataOf({ metadata }: Attributes): Readonly<Record<string, unknown>> {
  return JSON.parse(metadata) as Readonly<Record<string, unknown>>;
}

function rolePath({ backend, role_name }: Attributes): string {
  return `auth/${backend}/role/${withoutSlashes(role_name)}`;
}

function idOf({ backend, role_name }: Attributes, accessor: string): string {
  return `backend=${backend}::role=${withoutSlashes(role_name)}::accessor=${accessor}`;
}
