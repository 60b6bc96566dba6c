import { z } from 'zod';
import { conflicts, flag, text, textSet, withoutSlashes } from '../arguments.js';
import { tokenArguments } from '../login-token-arguments.js';
import { resourceType, type ServerRequest, writtenTo } from '../resource-type.js';

const schema = z.strictObject({
  ...tokenArguments,
  role_name: text,
  allowed_policies: textSet.default([]),
  allowed_policies_glob: textSet.default([]),
  disallowed_policies: textSet.default([]),
  disallowed_policies_glob: textSet.default([]),
  allowed_entity_aliases: textSet.default([]),
  orphan: flag.default(false),
  renewable: flag.default(true),
  path_suffix: text.default(''),
  token_type: text.default('default-service'),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/auth/token#create-update-token-role */
export const vaultTokenAuthBackendRole = resourceType({
  type: 'vault_token_auth_backend_role',
  schema,
  rules: [conflicts(['token_ttl', 'token_period'])],
  computed: ['id'],
  forceNew: ['role_name'],
  ...writtenTo(pathOf, write),
});

/** The provider sends everything, except of a TTL and a period the one beside the other. */
async function write(request: ServerRequest, attributes: Attributes): Promise<void> {
  const { role_name: _name, token_ttl = 0, token_period = 0, ...role } = attributes;
  await request('POST', pathOf(attributes), {
    ...role,
    token_policies: role.token_policies ?? [],
    token_bound_cidrs: role.token_bound_cidrs ?? [],
    token_max_ttl: role.token_max_ttl ?? 0,
    token_explicit_max_ttl: role.token_explicit_max_ttl ?? 0,
    token_num_uses: role.token_num_uses ?? 0,
    token_no_default_policy: role.token_no_default_policy ?? false,
    alias_metadata: role.alias_metadata ?? {},
    ...(token_period === 0 && { token_ttl }),
    ...(token_ttl === 0 && { token_period }),
  });
}

function pathOf({ role_name }: Attributes): string {
  return `auth/token/roles/${withoutSlashes(role_name)}`;
}
