import { isDeepStrictEqual } from 'node:util';
import { goDurationInSeconds } from '../../internal/go-duration.js';
import { isRecord } from '../../internal/json.js';
import type { VaultBody } from '../api/vault-api.js';
import { boundClaimValues } from '../terraform-json/bound-claims.js';
import { type Configuration, constructPathOf, withoutKeys } from './configuration.js';
import type { PlannedValues } from './plan-changes.js';

/** A field that is not on the server as it was declared. */
export interface FieldDifference {
  readonly address: string;
  /** Where the resource stands in the stack. */
  readonly constructPath: string;
  /** Terraform's name, such as `claim_mappings` or `tune.max_lease_ttl`. */
  readonly field: string;
  /** What was declared; undefined where nothing was. */
  readonly declared: unknown;
  /** What Vault has; undefined where it has nothing. */
  readonly found: unknown;
}

/**
 * Reads every JWT auth method, role, policy and mount of a plan back from Vault and compares each field with what is
 * declared, and with Vault's default where nothing is. A provider does not send everything, does not unset everything,
 * and its own plan may be empty all the same.
 * @param resources what Terraform holds to be there, after an apply
 */
export async function readBack(
  request: VaultRequest,
  resources: readonly PlannedValues[],
  configuration: Configuration,
): Promise<FieldDifference[]> {
  const found = await Promise.all(
    resources.map(async (resource) => {
      const reader = fieldReaders.get(resource.type);
      return reader ? compare(await reader.read(request, resource.values), reader, resource, configuration) : [];
    }),
  );
  return found.flat();
}

function compare(
  actual: Readonly<Record<string, unknown>>,
  reader: FieldReader,
  { address, values }: PlannedValues,
  configuration: Configuration,
): FieldDifference[] {
  const written = configuration.resources.get(withoutKeys(address))?.arguments;
  const wanted = reader.declared(values);
  return Object.keys(wanted).flatMap((field) => {
    const [argument = field] = field.split('.');
    if (reader.ignored.includes(argument)) return [];
    // In a module it is not known what is written: what Terraform holds to be there is the next best.
    const isDeclared = written === undefined || isWritten(argument, written);
    const declared = isDeclared ? wanted[field] : undefined;
    if (isSameValue(declared ?? reader.defaults[field], actual[field])) return [];
    if (!isDeclared && isOptions(field)) return [];
    const constructPath = constructPathOf(configuration, address);
    return [{ address, constructPath, field, declared, found: actual[field] }];
  });
}

/** Whether an argument is given, or a block, which may be dynamic. */
function isWritten(name: string, { dynamic, ...written }: Values): boolean {
  return [written, dynamic].flat().some((given) => isRecord(given) && Object.hasOwn(given, name));
}

/** Vault completes a mount's options, for example with KV's version. */
function isOptions(field: string): boolean {
  return field === 'options';
}

type Values = Readonly<Record<string, unknown>>;

/** Sends a request to Vault's API, without `/v1/` in the path. */
export type VaultRequest = (method: string, path: string, json?: unknown) => Promise<VaultBody>;

/** How the fields of one resource type are read back. */
interface FieldReader {
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
          Object.entries(claims).map(([name, value]) => [name, boundClaimValues(String(value), whole === true)]),
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
const fieldReaders: ReadonlyMap<string, FieldReader> = new Map([
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

/**
 * Whether two values mean the same to Vault: nothing, false, zero and empty are one, a list is a set, a PEM may end with a
 * new line, and an address with all its bits is the address.
 */
export function isSameValue(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(plain(left), plain(right));
}

/**
 * Seconds of a duration as Vault takes it: `10m`, `1h30m`, `2d`, `600` or 600; anything else unchanged.
 * @see https://developer.hashicorp.com/vault/docs/concepts/duration-format
 */
export function seconds(duration: unknown): unknown {
  if (typeof duration !== 'string') return duration;
  const [, count, days] = /^(\d+)(d?)$/.exec(duration) ?? [];
  if (count !== undefined) return Number(count) * (days === 'd' ? 86_400 : 1);
  return goDurationInSeconds(duration) ?? duration;
}

function plain(value: unknown): unknown {
  if (value === null || value === false || value === 0 || value === '') return undefined;
  if (typeof value === 'string') return value.trim().replace(/^([\d.]+)\/32$|^([\da-f:]+)\/128$/i, '$1$2');
  if (Array.isArray(value)) {
    const items = value.map(plain).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items.map((item) => JSON.stringify(item)).sort();
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).flatMap(([name, item]) => {
    const is = plain(item);
    return is === undefined ? [] : [[name, is] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
