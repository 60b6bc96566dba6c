import { z } from 'zod';
import { UsageError } from '../../../errors/index.js';
import { isRecord } from '../../../internal/json.js';
import { flag, integer, jsonObject, text, textSet, withoutSlashes } from '../arguments.js';
import { isAsDeclared } from '../lost-answer.js';
import { type Computed, resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({
  backend: text.overwrite(withoutSlashes).default('approle'),
  role_name: text,
  secret_id: text.optional(),
  cidr_list: textSet.default([]),
  metadata: jsonObject.default('{}'),
  ttl: integer.optional(),
  num_uses: integer.optional(),
  wrapping_ttl: text.optional(),
  with_wrapped_accessor: flag.default(false),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/auth/approle#generate-new-secret-id */
export const vaultApproleAuthBackendRoleSecretId = resourceType({
  type: 'vault_approle_auth_backend_role_secret_id',
  schema,
  computed: ['id', 'accessor', 'secret_id', 'wrapping_token', 'wrapping_accessor'],
  forceNew: [
    ...['backend', 'role_name', 'secret_id', 'cidr_list', 'metadata', 'ttl', 'num_uses'],
    ...['wrapping_ttl', 'with_wrapped_accessor'],
  ],
  kept: ['secret_id'],
  path: (attributes) => `${rolePath(attributes)}/secret-id`,
  capabilities: () => ['auth/approle'],
  find: async (request, { attributes, computed }, others) => {
    // Without the wrapping token it is of no use to anyone.
    if (attributes.wrapping_ttl) return computed['wrapping_token'] === undefined ? undefined : { attributes, computed };
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
    const body = {
      secret_id,
      cidr_list: cidr_list.length === 0 ? undefined : cidr_list.join(','),
      metadata: Object.keys(metadata).length === 0 ? '' : attributes.metadata,
      ttl,
      num_uses,
    };
    if (attributes.wrapping_ttl) return createWrapped(request, path, body, attributes);
    const { data } = await request('POST', path, body);
    const made = data as Made;
    const accessor = made.secret_id_accessor;
    return { id: idOf(attributes, accessor), accessor, secret_id: made.secret_id };
  },
  // Every argument forces replacement.
  update: async () => undefined,
  remove: async (request, { attributes, computed }) => {
    const { accessor, wrapping_accessor } = computed;
    if (accessor === undefined) await request('POST', 'auth/token/revoke-accessor', { accessor: wrapping_accessor });
    else await destroy(request, attributes, accessor);
  },
});

interface Made {
  readonly secret_id: string;
  readonly secret_id_accessor: string;
}

interface WrapInfo {
  readonly token: string;
  readonly accessor: string;
  readonly wrapped_accessor: string;
}

/**
 * Makes one whose answer is wrapped: it is told by the accessor of its wrapping token, or with `with_wrapped_accessor` by its own.
 * @see https://developer.hashicorp.com/vault/docs/concepts/response-wrapping
 */
async function createWrapped(
  request: ServerRequest,
  path: string,
  body: object,
  attributes: Attributes,
): Promise<Computed> {
  const { wrap_info, data } = await request('POST', path, body, { wrapTtl: attributes.wrapping_ttl });
  if (!isRecord(wrap_info)) {
    await destroy(request, attributes, (data as Made).secret_id_accessor);
    throw new UsageError('the answer is not wrapped: have "vault" pass on its options, which are { wrapTtl } here');
  }
  const { token, accessor, wrapped_accessor } = wrap_info as unknown as WrapInfo;
  if (!attributes.with_wrapped_accessor) {
    const id = idOf(attributes, `wrapped-${accessor}`);
    return { id, wrapping_token: token, wrapping_accessor: accessor };
  }
  const id = idOf(attributes, wrapped_accessor);
  return { id, accessor: wrapped_accessor, wrapping_token: token, wrapping_accessor: wrapped_accessor };
}

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
