import { createHash } from 'node:crypto';
import { httpClient } from '../../internal/http-client.js';
import { isRecord, membersOf } from '../../internal/json.js';
import { encodePath, statusOf, vaultRequest } from '../api/vault-api.js';
import { type ReadableServer, type ServerState, settled } from './server-state.js';

type Fields = Readonly<Record<string, unknown>>;
type Entry = readonly [path: string, fields: Fields];
/** The `data` of an answer; nothing for a 404. */
type Read = (path: string, query?: '' | '?list=true') => Promise<Fields>;

const MOUNT_FIELDS = ['type', 'description', 'local', 'seal_wrap', 'options', 'config'];
const OWN_ENGINES = ['system', 'identity', 'cubbyhole', 'ns_system', 'ns_identity', 'ns_cubbyhole', 'agent_registry'];
const OWN_METHODS = ['token', 'ns_token'];
/** The auth methods whose configuration and roles are read; an AppRole method has roles alone. */
const WITH_ROLES = ['jwt', 'oidc', 'kubernetes', 'approle'];
/** What of a transit key another server can't have alike: its versions. */
const OF_KEY_VERSIONS = ['keys', 'latest_version', 'min_available_version'];
/** Where an audit device writes, which a direct apply leaves to the server of a test. */
const DESTINATIONS = ['file_path', 'path', 'mode', 'address', 'socket_type', 'write_timeout', 'facility', 'tag'];
/** The names that Vault gives to an entity that a login makes. */
const MADE_BY_LOGIN = /^entity_[0-9a-f]{8}$/;

/** What a Vault is configured with, see `readVaultState`. */
export async function vaultState({ address, token, caPem }: ReadableServer): Promise<ServerState> {
  const client = httpClient(address, { ca: caPem });
  const readIn = (namespace: string): Read => {
    return async (path, query = '') => {
      const asked = `${encodePath(path)}${query}`;
      const body = await vaultRequest(client, token, 'GET', asked, undefined, { namespace }).catch(unlessMissing);
      return membersOf(body['data']);
    };
  };
  try {
    const [entries, devices] = await Promise.all([namespaceEntries('', readIn), auditDevices(readIn(''))]);
    return Object.fromEntries([...entries, ...devices]);
  } finally {
    client.close();
  }
}

/** What a namespace is configured with, and those in it; their paths begin with the namespace's. */
async function namespaceEntries(namespace: string, readIn: (namespace: string) => Read): Promise<Entry[]> {
  const read = readIn(namespace);
  const inner = await list(read, 'sys/namespaces');
  const own = await Promise.all([
    authMethods(read),
    tokenRoles(read),
    policies(read),
    engines(read),
    identity(read),
    ...inner.map(async (path): Promise<Entry[]> => {
      const { custom_metadata } = await read(`sys/namespaces/${path}`);
      return [[`sys/namespaces/${path}`, settled({ custom_metadata }) as Fields]];
    }),
  ]);
  const below = await Promise.all(inner.map((path) => namespaceEntries(`${namespace}${path}`, readIn)));
  return [...own.flat().map(([path, fields]): Entry => [`${namespace}${path}`, fields]), ...below.flat()];
}

async function authMethods(read: Read): Promise<Entry[]> {
  const mounts = mountsIn(await read('sys/auth')).filter(([, { type }]) => !OWN_METHODS.includes(String(type)));
  const entries = await Promise.all(
    mounts.map(async ([path, mount]): Promise<Entry[]> => {
      const own: Entry = [`sys/auth/${path}`, mountFields(mount)];
      const type = String(mount['type']);
      if (!WITH_ROLES.includes(type)) return [own];
      const roles = await list(read, `auth/${path}/role`);
      const configs: Entry[] =
        type === 'approle' ? [] : [[`auth/${path}/config`, withoutSecrets(await read(`auth/${path}/config`))]];
      const rolePaths = roles.map((name) => `auth/${path}/role/${name}`);
      const declared = await all(rolePaths, read);
      return [own, ...configs, ...declared.map(([role, fields]): Entry => [role, withClaimLists(fields)])];
    }),
  );
  return entries.flat();
}

async function tokenRoles(read: Read): Promise<Entry[]> {
  const names = await list(read, 'auth/token/roles');
  return all(
    names.map((name) => `auth/token/roles/${name}`),
    read,
  );
}

async function policies(read: Read): Promise<Entry[]> {
  const names = (await list(read, 'sys/policies/acl')).filter((name) => name !== 'root');
  const entries = await all(
    names.map((name) => `sys/policies/acl/${name}`),
    read,
  );
  const methods = mountsIn(await read('sys/auth'));
  return entries.map(([path, { policy }]) => [path, { policy: withoutAccessors(String(policy), methods) }]);
}

/** A templated policy names an auth method by its accessor, which is another on each server. */
function withoutAccessors(policy: string, methods: readonly Entry[]): string {
  return methods.reduce(
    (text, [path, { accessor }]) => text.replaceAll(String(accessor), `<accessor of ${path}>`),
    policy,
  );
}

async function engines(read: Read): Promise<Entry[]> {
  const mounts = mountsIn(await read('sys/mounts')).filter(([, { type }]) => !OWN_ENGINES.includes(String(type)));
  const entries = await Promise.all(
    mounts.map(async ([path, mount]): Promise<Entry[]> => {
      const own: Entry = [`sys/mounts/${path}`, mountFields(mount)];
      const isKv2 = mount['type'] === 'kv' && isRecord(mount['options']) && mount['options']['version'] === '2';
      if (isKv2) return [own, [`${path}/config`, await read(`${path}/config`)]];
      if (mount['type'] === 'transit') return [own, ...(await transitKeys(read, path))];
      return mount['type'] === 'consul' ? [own, ...(await consulEngine(read, path))] : [own];
    }),
  );
  return entries.flat();
}

async function transitKeys(read: Read, path: string): Promise<Entry[]> {
  const names = await list(read, `${path}/keys`);
  const keys = await all(
    names.map((name) => `${path}/keys/${name}`),
    read,
  );
  return keys.map(([key, fields]) => {
    const kept = Object.entries(fields).filter(([name]) => !OF_KEY_VERSIONS.includes(name));
    return [key, Object.fromEntries(kept)];
  });
}

async function consulEngine(read: Read, path: string): Promise<Entry[]> {
  const roles = await list(read, `${path}/roles`);
  const access = `${path}/config/access`;
  return [
    // Vault answers 400 where nobody has configured it.
    ...(await all([access], (one) => read(one).catch(unlessRefused))),
    ...(await all(
      roles.map((name) => `${path}/roles/${name}`),
      read,
    )),
  ];
}

async function identity(read: Read): Promise<Entry[]> {
  const [entities, groups] = await Promise.all([members(read, 'entity'), members(read, 'group')]);
  const named = (ids: unknown, among: readonly Fields[]): string[] =>
    Array.isArray(ids) ? ids.map((id) => String(among.find((one) => one['id'] === id)?.['name'] ?? id)).sort() : [];
  return [
    ...entities
      .filter(({ name }) => !MADE_BY_LOGIN.test(String(name)))
      .map((entity): Entry => {
        const { name, policies: held, metadata, disabled, aliases } = entity;
        const known = Array.isArray(aliases) ? aliases.map(alias).sort(byText) : [];
        const fields = { policies: held, metadata, disabled, aliases: known };
        return [`identity/entity/name/${String(name)}`, settled(fields) as Fields];
      }),
    ...groups.map((group): Entry => {
      const { name, type, policies: held, metadata, member_entity_ids: people, member_group_ids: inner } = group;
      const fields = {
        ...{ type, policies: held, metadata, alias: alias(group['alias']) },
        member_entities: named(people, entities),
        member_groups: named(inner, groups),
      };
      return [`identity/group/name/${String(name)}`, settled(fields) as Fields];
    }),
  ];
}

async function members(read: Read, kind: 'entity' | 'group'): Promise<Fields[]> {
  const ids = await list(read, `identity/${kind}/id`);
  return Promise.all(ids.map((id) => read(`identity/${kind}/id/${id}`)));
}

async function auditDevices(read: Read): Promise<Entry[]> {
  return mountsIn(await read('sys/audit')).map(([path, { description, local, options }]): Entry => {
    const kept = Object.entries(membersOf(options)).filter(([name]) => !DESTINATIONS.includes(name));
    return [`sys/audit/${path}`, settled({ description, local, options: Object.fromEntries(kept) }) as Fields];
  });
}

function alias(value: unknown): Fields {
  return isRecord(value) ? only(['name', 'mount_path', 'mount_type', 'custom_metadata'], value) : {};
}

function byText(left: unknown, right: unknown): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}

async function list(read: Read, path: string): Promise<string[]> {
  const { keys } = await read(path, '?list=true');
  return Array.isArray(keys) ? keys.map(String) : [];
}

async function all(paths: readonly string[], read: Read): Promise<Entry[]> {
  return Promise.all(paths.map(async (path): Promise<Entry> => [path, settled(await read(path)) as Fields]));
}

/** Mounts by path, without the slash at its end. */
function mountsIn(data: Fields): [string, Fields][] {
  return Object.entries(data).flatMap(([path, mount]) =>
    isRecord(mount) ? [[path.replace(/\/$/, ''), settled(mount) as Fields] as [string, Fields]] : [],
  );
}

/** A mount without the lists of its tuning that hold `""` alone, as Terraform's provider writes one that is empty. */
function mountFields(mount: Fields): Fields {
  const fields = only(MOUNT_FIELDS, mount);
  if (!isRecord(fields['config'])) return fields;
  const config = Object.entries(fields['config']).filter(([, value]) => !Array.isArray(value) || value.join('') !== '');
  return { ...fields, config: Object.fromEntries(config) };
}

/** Vault compares a claim with `"20"` and with `["20"]` alike; Terraform's provider writes lists. */
function withClaimLists(role: Fields): Fields {
  const { bound_claims: claims } = role;
  if (!isRecord(claims)) return role;
  const lists = Object.entries(claims).map(([claim, value]) => [claim, [value].flat()] as const);
  return { ...role, bound_claims: Object.fromEntries(lists) };
}

function only(names: readonly string[], fields: Fields): Fields {
  return Object.fromEntries(names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));
}

function withoutSecrets(config: Fields): Fields {
  const { provider_config: provider } = config;
  const isSet = isRecord(provider) && Object.keys(provider).length > 0;
  const digest = createHash('sha256')
    .update(JSON.stringify(provider ?? null))
    .digest('hex');
  return settled({ ...config, ...(isSet ? { provider_config: `sha256:${digest}` } : {}) }) as Fields;
}

function unlessMissing(error: unknown): Fields {
  return unlessStatus(404, error);
}

function unlessRefused(error: unknown): Fields {
  return unlessStatus(400, error);
}

function unlessStatus(status: number, error: unknown): Fields {
  if (statusOf(error) === status) return {};
  throw error;
}
