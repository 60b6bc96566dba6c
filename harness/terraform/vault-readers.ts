import { isRecord, membersOf } from '../../internal/json.js';
import { boundClaimValues } from '../terraform-json/bound-claims.js';
import { dataOf, type FieldReader, seconds, type Values } from './field-reader.js';

const LIST_TUNING = [
  'allowed_response_headers',
  'audit_non_hmac_request_keys',
  'audit_non_hmac_response_keys',
  'passthrough_request_headers',
];

const authMount: FieldReader = {
  read: async (read, { path }) => {
    const { type, description, local, config: tuning } = dataOf(await read(`sys/auth/${String(path)}`));
    return { type, description, local, ...tune(membersOf(tuning)) };
  },
  declared: ({ tune: blocks, ...rest }) => {
    const block = Array.isArray(blocks) && isRecord(blocks[0]) ? blocks[0] : {};
    return { ...rest, ...tune(block) };
  },
  defaults: { 'tune.token_type': 'default-service' },
  ignored: ['path', 'accessor', 'disable_remount', 'identity_token_key'],
};

const jwtBackend: FieldReader = {
  ...authMount,
  read: async (read, values) => {
    const [config, mount] = await Promise.all([
      read(`auth/${String(values['path'])}/config`),
      authMount.read(read, values),
    ]);
    return { ...dataOf(config), ...mount };
  },
  defaults: { type: 'jwt', namespace_in_state: true, ...authMount.defaults },
  ignored: [
    ...(authMount.ignored ?? []),
    ...['oidc_client_secret', 'oidc_client_secret_wo', 'oidc_client_secret_wo_version', 'provider_config'],
  ],
};

const jwtRole: FieldReader = {
  read: async (read, values) => {
    const path = `auth/${String(values['backend'] ?? 'jwt')}/role/${String(values['role_name'])}`;
    return dataOf(await read(path));
  },
  declared: ({ bound_claims: claims, disable_bound_claims_parsing: whole, ...rest }) => ({
    ...rest,
    // The provider splits a claim's values at commas; Vault has a list.
    bound_claims: isRecord(claims)
      ? Object.fromEntries(
          Object.entries(claims).map(([name, value]) => [name, boundClaimValues(String(value), whole === true)]),
        )
      : {},
  }),
  defaults: { role_type: 'oidc', bound_claims_type: 'string', token_type: 'default' },
  ignored: ['backend', 'role_name', 'disable_bound_claims_parsing'],
};

const policy: FieldReader = {
  read: async (read, { name }) => dataOf(await read(`sys/policies/acl/${String(name)}`)),
  ignored: ['name', 'allow_overwrite'],
};

const mount: FieldReader = {
  read: async (read, { path }) => {
    const { config, ...rest } = dataOf(await read(`sys/mounts/${String(path)}`));
    const tuning = membersOf(config);
    return {
      ...rest,
      ...tuning,
      default_lease_ttl_seconds: tuning['default_lease_ttl'],
      max_lease_ttl_seconds: tuning['max_lease_ttl'],
    };
  },
  declared: ({ type, options, ...rest }) => ({
    ...rest,
    // "kv-v2" is an abbreviation that Vault writes out.
    type: type === 'kv-v2' ? 'kv' : type,
    options: type === 'kv-v2' ? { version: '2', ...membersOf(options) } : options,
  }),
  // Vault completes the options, for example with KV's version.
  chosen: ['options'],
  ignored: ['path', 'accessor', 'plugin_version', 'external_entropy_access', 'identity_token_key'],
};

const approleRole: FieldReader = {
  read: async (read, values) => {
    const path = rolePath(values, 'approle');
    const [role, id] = await Promise.all([read(path), read(`${path}/role-id`)]);
    return { ...dataOf(role), ...dataOf(id) };
  },
  defaults: { bind_secret_id: true, token_type: 'default' },
  chosen: ['role_id'],
  ignored: ['backend', 'role_name'],
};

const kubernetesConfig: FieldReader = {
  read: async (read, { backend }) => dataOf(await read(`auth/${String(backend ?? 'kubernetes')}/config`)),
  chosen: ['kubernetes_ca_cert', 'disable_iss_validation'],
  ignored: ['backend', 'token_reviewer_jwt', 'token_reviewer_jwt_wo', 'token_reviewer_jwt_wo_version'],
};

const kubernetesRole: FieldReader = {
  read: async (read, values) => dataOf(await read(rolePath(values, 'kubernetes'))),
  defaults: { alias_name_source: 'serviceaccount_uid', token_type: 'default' },
  ignored: ['backend', 'role_name'],
};

const tokenRole: FieldReader = {
  read: async (read, { role_name }) => dataOf(await read(`auth/token/roles/${String(role_name)}`)),
  defaults: { renewable: true, token_type: 'default-service' },
  ignored: ['role_name'],
};

const transitKey: FieldReader = {
  read: async (read, { backend, name }) => dataOf(await read(`${String(backend)}/keys/${String(name)}`)),
  defaults: { type: 'aes256-gcm96', min_decryption_version: 1 },
  ignored: [
    ...['backend', 'name', 'key_size', 'keys', 'latest_version', 'min_available_version'],
    ...['supports_encryption', 'supports_decryption', 'supports_derivation', 'supports_signing'],
  ],
};

const kvConfig: FieldReader = {
  read: async (read, { mount: path }) => {
    const { delete_version_after: after, ...config } = dataOf(await read(`${String(path)}/config`));
    return { ...config, delete_version_after: seconds(after) };
  },
  ignored: ['mount'],
};

const namespace: FieldReader = {
  read: async (read, { path }) => dataOf(await read(`sys/namespaces/${String(path)}`)),
  chosen: ['custom_metadata'],
  ignored: ['path', 'path_fq', 'namespace_id'],
};

function rolePath({ backend, role_name }: Values, mount: string): string {
  return `auth/${String(backend ?? mount)}/role/${String(role_name)}`;
}

/** The tuning of a mount, flat; the same from Terraform's block as from Vault's answer. */
function tune(tuning: Values): Values {
  const { token_type, listing_visibility, default_lease_ttl, max_lease_ttl } = tuning;
  return {
    'tune.default_lease_ttl': seconds(default_lease_ttl),
    'tune.max_lease_ttl': seconds(max_lease_ttl),
    'tune.listing_visibility': listing_visibility === 'hidden' ? '' : listing_visibility,
    'tune.token_type': token_type === '' ? undefined : token_type,
    ...Object.fromEntries(LIST_TUNING.map((name) => [`tune.${name}`, tuning[name]])),
  };
}

const entity: FieldReader = {
  read: async (read, { id }) => dataOf(await read(`identity/entity/id/${String(id)}`)),
  declared: withoutExternal,
};

const group: FieldReader = {
  read: async (read, { id }) => dataOf(await read(`identity/group/id/${String(id)}`)),
  declared: withoutExternal,
  defaults: { type: 'internal' },
  chosen: ['name'],
};

const entityAlias: FieldReader = {
  read: async (read, { id }) => dataOf(await read(`identity/entity-alias/id/${String(id)}`)),
};

const groupAlias: FieldReader = {
  read: async (read, { id }) => dataOf(await read(`identity/group-alias/id/${String(id)}`)),
};

/** What a resource of its own gives to a group: all that the group has, or a part of it. */
function ofGroup(field: 'member_entity_ids' | 'member_group_ids' | 'policies'): FieldReader {
  return {
    read: async (read, values) => {
      const { [field]: found } = dataOf(await read(`identity/group/id/${String(values['group_id'])}`));
      const wanted = values[field];
      const isPart = values['exclusive'] === false && Array.isArray(found) && Array.isArray(wanted);
      return { [field]: isPart ? found.filter((one) => wanted.includes(one)) : found };
    },
    ignored: ['group_id', 'group_name', 'exclusive'],
  };
}

/** Without what other resources declare of an entity or a group. */
function withoutExternal(values: Values): Values {
  const external = Object.keys(values).filter((name) => name.startsWith('external_'));
  const elsewhere = external.filter((name) => values[name] === true).map((name) => name.replace('external_', ''));
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => !external.includes(name) && !elsewhere.includes(name)),
  );
}

/** How Vault's resource types are read back, by name. */
export const vaultReaders: Readonly<Record<string, FieldReader>> = {
  vault_approle_auth_backend_role: approleRole,
  vault_auth_backend: authMount,
  vault_identity_entity: entity,
  vault_identity_entity_alias: entityAlias,
  vault_identity_group: group,
  vault_identity_group_alias: groupAlias,
  vault_identity_group_member_entity_ids: ofGroup('member_entity_ids'),
  vault_identity_group_member_group_ids: ofGroup('member_group_ids'),
  vault_identity_group_policies: ofGroup('policies'),
  vault_jwt_auth_backend: jwtBackend,
  vault_jwt_auth_backend_role: jwtRole,
  vault_kubernetes_auth_backend_config: kubernetesConfig,
  vault_kubernetes_auth_backend_role: kubernetesRole,
  vault_kv_secret_backend_v2: kvConfig,
  vault_mount: mount,
  vault_namespace: namespace,
  vault_policy: policy,
  vault_token_auth_backend_role: tokenRole,
  vault_transit_secret_backend_key: transitKey,
};
