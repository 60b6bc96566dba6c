import { z } from 'zod';
import { conflicts, flag, integer, text, textList, textSet, withoutSlashes } from '../arguments.js';
import { resourceType, type ServerRequest, writtenTo } from '../resource-type.js';

const schema = z.strictObject({
  backend: text.overwrite(withoutSlashes),
  name: text,
  consul_policies: textSet.optional(),
  policies: textList.optional(),
  consul_roles: textSet.default([]),
  service_identities: textSet.default([]),
  node_identities: textSet.default([]),
  ttl: integer.default(0),
  max_ttl: integer.default(0),
  local: flag.default(false),
  // Consul's enterprise edition alone has them.
  consul_namespace: text.optional(),
  partition: text.optional(),
});

type Attributes = z.output<typeof schema>;

/** @see https://developer.hashicorp.com/vault/api-docs/secret/consul#create-update-consul-role */
export const vaultConsulSecretBackendRole = resourceType({
  type: 'vault_consul_secret_backend_role',
  schema,
  rules: [conflicts(['consul_policies', 'policies'])],
  computed: ['id'],
  forceNew: ['backend', 'name'],
  kept: ['consul_namespace', 'partition'],
  ...writtenTo(pathOf, write),
  capabilities: () => ['secret/consul'],
  create: async (request, attributes) => {
    await write(request, attributes);
    const { consul_namespace = '', partition = '' } = attributes;
    return { id: pathOf(attributes), consul_namespace, partition };
  },
});

async function write(request: ServerRequest, attributes: Attributes): Promise<void> {
  const { backend: _backend, name: _name, policies, consul_policies, ...role } = attributes;
  await request('POST', pathOf(attributes), { ...role, consul_policies: policies ?? consul_policies ?? [] });
}

function pathOf({ backend, name }: Attributes): string {
  return `${backend}/roles/${name}`;
}
