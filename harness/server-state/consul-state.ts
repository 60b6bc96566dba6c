import { VaultproofError } from '../../errors/index.js';
import { sha256 } from '../../internal/digest.js';
import { httpClient } from '../../internal/http-client.js';
import { isRecord, records } from '../../internal/json.js';
import { type ReadableServer, type ServerState, settled } from './server-state.js';

type Fields = Readonly<Record<string, unknown>>;

const VOLATILE = ['ID', 'Hash', 'CreateIndex', 'ModifyIndex', 'CreateTime', 'AccessorID', 'SecretID'];
const ANONYMOUS = '00000000-0000-0000-0000-000000000002';
/** What Vault's Consul secrets engine writes into the description of a token that it makes for a lease. */
const LEASED = /^Vault .* \d{19}$/;

/** What a Consul is configured with, see `readConsulState`. */
export async function consulState({ address, token, caPem }: ReadableServer): Promise<ServerState> {
  const client = httpClient(address, { ca: caPem });
  const get = async (path: string): Promise<unknown> => {
    const { status, body } = await client.request('GET', `/v1/${path}`, { headers: { 'x-consul-token': token } });
    if (status === 200) return body;
    // A key-value store with nothing in it.
    if (status === 404) return [];
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
    const [methods, rules, policies, roles, tokens, pairs, self] = await Promise.all([
      each('acl/auth-methods', 'acl/auth-method', 'Name'),
      each('acl/binding-rules', 'acl/binding-rule', 'ID'),
      each('acl/policies', 'acl/policy', 'ID'),
      each('acl/roles', 'acl/role', 'ID'),
      get('acl/tokens'),
      get('kv/?recurse=true'),
      get('acl/token/self'),
    ]);
    const own = [ANONYMOUS, isRecord(self) ? self['AccessorID'] : undefined];
    return Object.fromEntries([
      ...methods.map((method) => [`acl/auth-method/${String(method['Name'])}`, stable(method)]),
      ...rules.map((rule) => [`acl/binding-rule/${ruleName(rule)}`, stable(rule)]),
      ...policies.map((policy) => [`acl/policy/${String(policy['Name'])}`, stable(policy)]),
      ...roles.map((role) => [`acl/role/${String(role['Name'])}`, stable(role)]),
      ...named(records(tokens).filter((token) => isDeclared(token) && !own.includes(token['AccessorID']))),
      ...records(pairs).map(({ Key, Value, Flags }) => [
        `kv/${String(Key)}`,
        { Value: `sha256:${sha256(String(Value)).toString('hex')}`, Flags },
      ]),
    ]);
  } finally {
    client.close();
  }
}

/** A binding rule has no name of its own, and its id is another on every server. */
function ruleName({ AuthMethod, BindType, BindName, Selector }: Fields): string {
  return [AuthMethod, BindType, BindName, Selector].map(String).join(' ');
}

/** A token of a login or a lease belongs to who has it. */
function isDeclared({ AuthMethod, Description }: Fields): boolean {
  return !AuthMethod && !LEASED.test(String(Description));
}

/** Tokens by description: they have no name, and several of one description are numbered by what else they have. */
function named(tokens: readonly Fields[]): [string, Fields][] {
  const counts = new Map<string, number>();
  return (sorted(tokens.map(stable)) as Fields[]).map((token) => {
    const path = `acl/token/${String(token['Description'])}`;
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    return [count === 1 ? path : `${path} (${count})`, token];
  });
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
