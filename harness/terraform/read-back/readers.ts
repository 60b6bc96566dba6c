import { isRecord } from '../../../internal/json.js';
import type { VaultBody } from '../../api/vault-api.js';
import { seconds } from './same-value.js';

type Values = Readonly<Record<string, unknown>>;

/** Sends a request to Vault's API, without `/v1/` in the path. */
export type VaultRequest = (method: string, path: string, json?: unknown) => Promise<VaultBody>;

/** How the fields of one resource type are read back. */
export interface FieldReader {
  /** What the server has, by Terraform's field names. */
  read(request: VaultRequest, values: Values): Promise<Values>;
  /** What is declared, in the shape that {@link read} returns. */
  declared(values: Values): Values;
  /** What the server has where nothing is declared, if not nothing. */
  readonly defaults: Values;
  /** Fields that say where it is, belong to the provider alone, can't be read, or are for the server to choose. */
  readonly ignored: readonly string[];
}

const LIST_TUNING = [
  'allowed_response_headers',
  'audit_non_hmac_request_keys',
  'audit_non_hmac_response_keys',
  'passthrough_request_headers',
];

const backend: FieldReader = {
  read: async (request, { path }) => {
    const [config, mount] = await Promise.all([
      request('GET', `auth/${String(path)}/config`),
      request('GET', `sys/auth/${String(path)}`),
    ]);
    const { type, description, local, config: tuning } = dataOf(mount);
    return { ...dataOf(config), type, description, local, ...tune(isRecord(tuning) ? tuning : {}) };
  },
  declared: ({ tune: blocks, ...rest }) => {
    const block = Array.isArray(blocks) && isRecord(blocks[0]) ? blocks[0] : {};
    return { ...rest, ...tune(block) };
  },
  defaults: { type: 'jwt', namespace_in_state: true, 'tune.token_type': 'default-service' },
  ignored: [
    'id',
    'path',
    'accessor',
    'disable_remount',
    'namespace',
    'oidc_client_secret',
    'oidc_client_secret_wo',
  ].concat(['oidc_client_secret_wo_version', 'provider_config']),
};

const role: FieldReader = {
  read: async (request, values) => {
    const path = `auth/${String(values['backend'] ?? 'jwt')}/role/${String(values['role_name'])}`;
    return dataOf(await request('GET', path));
  },
  declared: ({ bound_claims: claims, disable_bound_claims_parsing: whole, ...rest }) => ({
    ...rest,
    // The provider splits a claim's values at commas; Vault has a list.
    bound_claims: isRecord(claims)
      ? Object.fromEntries(
          Object.entries(claims).map(([name, value]) => [name, whole === true ? [value] : split(String(value))]),
        )
      : {},
  }),
  defaults: { role_type: 'oidc', bound_claims_type: 'string', token_type: 'default' },
  ignored: ['id', 'backend', 'role_name', 'namespace', 'disable_bound_claims_parsing'],
};

const policy: FieldReader = {
  read: async (request, { name }) => dataOf(await request('GET', `sys/policies/acl/${String(name)}`)),
  declared: (values) => values,
  defaults: {},
  ignored: ['id', 'name', 'namespace', 'allow_overwrite'],
};

const mount: FieldReader = {
  read: async (request, { path }) => {
    const { config, ...rest } = dataOf(await request('GET', `sys/mounts/${String(path)}`));
    const tuning = isRecord(config) ? config : {};
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
    options: type === 'kv-v2' ? { version: '2', ...(isRecord(options) ? options : {}) } : options,
  }),
  defaults: {},
  ignored: ['id', 'path', 'accessor', 'namespace', 'plugin_version', 'external_entropy_access', 'identity_token_key'],
};

/** The resource types that are read back, by name. */
export const fieldReaders: ReadonlyMap<string, FieldReader> = new Map([
  ['vault_jwt_auth_backend', backend],
  ['vault_jwt_auth_backend_role', role],
  ['vault_mount', mount],
  ['vault_policy', policy],
]);

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

function dataOf({ data }: VaultBody): Values {
  return isRecord(data) ? data : {};
}

function split(values: string): string[] {
  return values.split(',').map((value) => value.trim());
}
