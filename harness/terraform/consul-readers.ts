import { consulKeyPath } from '../../internal/consul-api.js';
import { sha256 } from '../../internal/digest.js';
import { membersOf, records } from '../../internal/json.js';
import type { FieldReader, ReadPath, Values } from './field-reader.js';

const token: FieldReader = {
  read: async (read, { id }) => {
    const found = membersOf(await read(`acl/token/${encodeURIComponent(String(id))}`));
    return {
      accessor_id: found['AccessorID'],
      description: found['Description'],
      policies: namesIn(found['Policies']),
      roles: namesIn(found['Roles']),
      local: found['Local'],
      expiration_time: found['ExpirationTime'],
      service_identities: records(found['ServiceIdentities']).map(({ ServiceName, Datacenters }) => ({
        service_name: ServiceName,
        datacenters: Datacenters,
      })),
      node_identities: records(found['NodeIdentities']).map(({ NodeName, Datacenter }) => ({
        node_name: NodeName,
        datacenter: Datacenter,
      })),
      templated_policies: records(found['TemplatedPolicies']).map((policy) => ({
        template_name: policy['TemplateName'],
        template_variables: [policy['TemplateVariables']],
        datacenters: policy['Datacenters'],
      })),
    };
  },
  chosen: ['accessor_id'],
  ignored: ['partition'],
};

const rolePolicyAttachment: FieldReader = {
  read: async (read, { role_id, policy }) => {
    const role = membersOf(await read(`acl/role/${encodeURIComponent(String(role_id))}`));
    return { policy: namesIn(role['Policies']).find((name) => name === policy) };
  },
  ignored: ['role_id'],
};

/** A key's value may be a secret: its digest is compared. */
const keys: FieldReader = {
  read: async (read, values) => {
    const pairs = written(values).map(
      async ({ path }) => [`key.${String(path)}`, await pair(read, path, values)] as const,
    );
    return Object.fromEntries(await Promise.all(pairs));
  },
  declared: (values) =>
    Object.fromEntries(
      written(values).map(({ path, value, flags }) => [`key.${String(path)}`, shown(String(value ?? ''), flags)]),
    ),
};

/** The keys that are there to be written: one with a name and no value is read. */
function written({ key }: Values): Values[] {
  return records(key).filter(({ name, value }) => !name || value);
}

async function pair(read: ReadPath, path: unknown, { datacenter }: Values): Promise<unknown> {
  const query = datacenter ? `?dc=${encodeURIComponent(String(datacenter))}` : '';
  const [found] = records(await read(`kv/${consulKeyPath(String(path))}${query}`));
  if (found === undefined) return undefined;
  return shown(Buffer.from(String(found['Value'] ?? ''), 'base64').toString('utf8'), found['Flags']);
}

function shown(value: string, flags: unknown): Values {
  return { value: `sha256:${sha256(value).toString('hex')}`, flags };
}

function namesIn(links: unknown): unknown[] {
  return records(links).map(({ Name }) => Name);
}

/** How Consul's resource types are read back, by name. */
export const consulReaders: Readonly<Record<string, FieldReader>> = {
  consul_acl_role_policy_attachment: rolePolicyAttachment,
  consul_acl_token: token,
  consul_keys: keys,
};
