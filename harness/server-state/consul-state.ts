import { VaultproofError } from '../../errors/index.js';
import { httpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import { type ReadableServer, type ServerState, settled } from './server-state.js';

type Fields = Readonly<Record<string, unknown>>;

const VOLATILE = ['ID', 'Hash', 'CreateIndex', 'ModifyIndex', 'CreateTime'];

/**
 * Reads what a Consul's ACL system is configured with: auth methods, binding rules, policies and roles.
 * @throws VaultproofError `permission_denied` where the token may not read it, `request_refused` for another refusal
 * @see https://developer.hashicorp.com/consul/api-docs/acl
 * @example
 * const state = await readConsulState(consul);
 */
export async function readConsulState({ address, token, caPem }: ReadableServer): Promise<ServerState> {
  const client = httpClient(address, { ca: caPem });
  const get = async (path: string): Promise<unknown> => {
    const { status, body } = await client.request('GET', `/v1/${path}`, { headers: { 'x-consul-token': token } });
    if (status === 200) return body;
    throw new VaultproofError(
      status === 403 ? 'permission_denied' : 'request_refused',
      `consul answered GET "${path}" with ${status}: give a token that may read it`,
      { details: { method: 'GET', path, status } },
    );
  };
  const each = async (listed: string, one: string, key: string): Promise<Fields[]> => {
    const items = records(await get(listed));
    const whole = await Promise.all(items.map((item) => get(`${one}/${encodeURIComponent(String(item[key]))}`)));
    return whole.filter(isRecord);
  };
  try {
    const [methods, rules, policies, roles] = await Promise.all([
      each('acl/auth-methods', 'acl/auth-method', 'Name'),
      each('acl/binding-rules', 'acl/binding-rule', 'ID'),
      each('acl/policies', 'acl/policy', 'ID'),
      each('acl/roles', 'acl/role', 'ID'),
    ]);
    return Object.fromEntries([
      ...methods.map((method) => [`acl/auth-method/${String(method['Name'])}`, stable(method)]),
      ...rules.map((rule) => [`acl/binding-rule/${ruleName(rule)}`, stable(rule)]),
      ...policies.map((policy) => [`acl/policy/${String(policy['Name'])}`, stable(policy)]),
      ...roles.map((role) => [`acl/role/${String(role['Name'])}`, stable(role)]),
    ]);
  } finally {
    client.close();
  }
}

/** A binding rule has no name of its own, and its id is another on every server. */
function ruleName({ AuthMethod, BindType, BindName, Selector }: Fields): string {
  return [AuthMethod, BindType, BindName, Selector].map(String).join(' ');
}

/** Without what differs from server to server; a link to a policy keeps its name, and no list of links has an order. */
function stable(fields: Fields): Fields {
  const kept = Object.entries(fields).filter(([name]) => !VOLATILE.includes(name));
  return settled(
    Object.fromEntries(kept.map(([name, value]) => [name, Array.isArray(value) ? sorted(value.map(link)) : value])),
  ) as Fields;
}

/** Identities and templated policies have no name that is theirs alone: all that they say is compared. */
function sorted(items: readonly unknown[]): unknown[] {
  const keyed = items.map((item) => ({ item, key: JSON.stringify(settled(item)) }));
  return keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ item }) => item);
}

function link(item: unknown): unknown {
  return isRecord(item) && typeof item['Name'] === 'string' && 'ID' in item ? item['Name'] : item;
}

function records(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
