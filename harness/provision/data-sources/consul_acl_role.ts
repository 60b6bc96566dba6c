import { z } from 'zod';
import { records } from '../../../internal/json.js';
import { text } from '../arguments.js';
import { dataSource } from '../resource-type.js';

/** @see https://developer.hashicorp.com/consul/api-docs/acl/roles#read-a-role-by-name */
export const consulAclRoleDataSource = dataSource({
  type: 'consul_acl_role',
  schema: z.strictObject({ name: text }),
  computed: ['id', 'description', 'policies', 'service_identities', 'node_identities', 'templated_policies'],
  read: async (request, { name }) => {
    const role = await request('GET', `acl/role/name/${encodeURIComponent(name)}`);
    const { ID: id, Description: description } = role;
    return {
      id,
      description,
      policies: records(role['Policies']).map(({ ID, Name }) => ({ id: ID, name: Name })),
      service_identities: records(role['ServiceIdentities']).map(({ ServiceName, Datacenters }) => ({
        service_name: ServiceName,
        datacenters: Datacenters ?? [],
      })),
      node_identities: records(role['NodeIdentities']).map(({ NodeName, Datacenter }) => ({
        node_name: NodeName,
        datacenter: Datacenter,
      })),
      templated_policies: records(role['TemplatedPolicies']).map((policy) => ({
        template_name: policy['TemplateName'],
        datacenters: policy['Datacenters'] ?? [],
        template_variables: records([policy['TemplateVariables']]).map(({ name: variable }) => ({
          name: variable ?? '',
        })),
      })),
    };
  },
});
