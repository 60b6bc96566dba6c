import { z } from 'zod';
import { text, textSet, withoutSlashes } from '../arguments.js';
import { isEmpty, tokenArguments, tokenFields } from '../login-token-arguments.js';
import { resourceType, type ServerRequest } from '../resource-type.js';

const schema = z.strictObject({
  backend: text.overwrite(withoutSlashes).default('kubernetes'),
  role_name: text,
  bound_service_account_names: textSet,
  bound_service_account_namespaces: textSet.default([]),
  bound_service_account_namespace_selector: text.default(''),
  audience: text.default(''),
  alias_name_source: text.optional(),
  ...tokenArguments,
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#create-update-role */
export const vaultKubernetesAuthBackendRole = resourceType({
  type: 'vault_kubernetes_auth_backend_role',
  schema,
  computed: ['id'],
  forceNew: ['backend', 'role_name'],
  kept: ['alias_name_source'],
  path: pathOf,
  capabilities: () => ['auth/kubernetes'],
  create: async (request, attributes) => {
    await write(request, attributes, tokenFields(attributes));
    const { alias_name_source = 'serviceaccount_uid' } = attributes;
    return { id: pathOf(attributes), alias_name_source };
  },
  update: async (request, attributes, { attributes: before }) => {
    await write(request, attributes, tokenFields(attributes, before));
    return undefined;
  },
  remove: async (request, { attributes }) => {
    await request('DELETE', pathOf(attributes));
  },
});

async function write(request: ServerRequest, attributes: Attributes, token: object): Promise<void> {
  const { bound_service_account_names: names, bound_service_account_namespaces: namespaces } = attributes;
  const { bound_service_account_namespace_selector, audience, alias_name_source } = attributes;
  await request('POST', pathOf(attributes), {
    // The provider never takes the last name or namespace back.
    ...(!isEmpty(names) && { bound_service_account_names: names }),
    ...(!isEmpty(namespaces) && { bound_service_account_namespaces: namespaces }),
    bound_service_account_namespace_selector,
    audience,
    alias_name_source,
    ...token,
  });
}

function pathOf({ backend, role_name }: Attributes): string {
  return `auth/${backend}/role/${withoutSlashes(role_name)}`;
}
