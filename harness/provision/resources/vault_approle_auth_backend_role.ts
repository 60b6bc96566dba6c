import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { flag, integer, text, textSet, withoutSlashes } from '../arguments.js';
import { isEmpty, tokenArguments, tokenFields } from '../login-token-arguments.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

const DEFAULTS = { bind_secret_id: true, secret_id_num_uses: 0, secret_id_ttl: 0, secret_id_bound_cidrs: [] } as const;

const schema = z.strictObject({
  backend: text.overwrite(withoutSlashes).default('approle'),
  role_name: text,
  role_id: text.optional(),
  bind_secret_id: flag.default(DEFAULTS.bind_secret_id),
  secret_id_bound_cidrs: textSet.optional(),
  secret_id_num_uses: integer.optional(),
  secret_id_ttl: integer.optional(),
  ...tokenArguments,
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/auth/approle#create-update-approle */
export const vaultApproleAuthBackendRole = resourceType({
  type: 'vault_approle_auth_backend_role',
  schema,
  computed: ['id', 'role_id'],
  forceNew: ['backend', 'role_name'],
  kept: ['role_id'],
  path: pathOf,
  capabilities: () => ['auth/approle'],
  create: async (request, attributes) => {
    const path = pathOf(attributes);
    await request('POST', path, { ...secretIdFields(attributes), ...tokenFields(attributes) });
    try {
      return { id: path, role_id: await roleId(request, attributes) };
    } catch (error) {
      // Why it is of no use is what counts, and a token that may not do that may not do this either.
      await request('DELETE', path).catch(() => {});
      throw error;
    }
  },
  update: async (request, attributes, { attributes: before }) => {
    const path = pathOf(attributes);
    await request('POST', path, { ...secretIdFields(attributes, before), ...tokenFields(attributes, before) });
    return attributes.role_id === before.role_id ? undefined : { role_id: await roleId(request, attributes) };
  },
  remove: async (request, { attributes }) => {
    await request('DELETE', pathOf(attributes));
  },
});

/** Sets the role's ID where it is declared, and reads the one that Vault made otherwise. */
async function roleId(request: ServerRequest, attributes: Attributes): Promise<string> {
  const path = `${pathOf(attributes)}/role-id`;
  const { role_id } = attributes;
  if (role_id !== undefined) {
    await request('POST', path, { role_id });
    return role_id;
  }
  const { data } = await request('GET', path);
  return (data as { readonly role_id: string }).role_id;
}

/** Vault keeps what is not sent: a new role needs what has a value, and one that is there what changed. */
function secretIdFields(attributes: Attributes, before?: Attributes): Record<string, unknown> {
  const names = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[];
  const sent = names.filter((name) =>
    before === undefined
      ? !isEmpty(attributes[name])
      : !isDeepStrictEqual(attributes[name] ?? DEFAULTS[name], before[name] ?? DEFAULTS[name]),
  );
  return Object.fromEntries(sent.map((name) => [name, attributes[name] ?? DEFAULTS[name]]));
}

function pathOf({ backend, role_name }: Attributes): string {
  return `auth/${backend}/role/${withoutSlashes(role_name)}`;
}
