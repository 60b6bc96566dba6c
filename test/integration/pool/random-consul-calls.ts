import type { StartedConsul } from 'vaultproof';
import type { Random } from '../../support/random.js';

type Call = (consul: StartedConsul, random: Random) => Promise<unknown>;

const NAMES = ['alpha', 'beta', 'gamma'];
const RULES = ['key_prefix "" { policy = "write" }', 'node_prefix "" { policy = "read" }', 'operator = "read"'];
const KINDS = [
  'service-defaults',
  'service-resolver',
  'service-intentions',
  'proxy-defaults',
  'mesh',
  'ingress-gateway',
];

/** A field of each item of a list, and the item that is taken at random; undefined for an empty list. */
async function anyOf(
  { request }: StartedConsul,
  path: string,
  field: string,
  { pick }: Random,
): Promise<string | undefined> {
  const items = (await request('GET', path)) as Record<string, string>[];
  return items.length === 0 ? undefined : pick(items)[field];
}

/** Calls that a pool undoes. */
const UNDONE: readonly Call[] = [
  ({ request }, { pick }) => request('PUT', `kv/${pick(NAMES)}/${pick(NAMES)}?flags=${pick([0, 42])}`, pick(NAMES)),
  ({ request }, { pick }) => request('DELETE', `kv/${pick(NAMES)}?recurse=true`),
  ({ request }, { pick }) => request('PUT', 'txn', [{ KV: { Verb: 'set', Key: pick(NAMES), Value: 'YQ==' } }]),
  ({ request }, { pick }) => request('PUT', 'acl/policy', { Name: pick(NAMES), Rules: pick(RULES) }),
  async (consul, random) =>
    consul.request('PUT', `acl/policy/${await anyOf(consul, 'acl/policies', 'ID', random)}`, {
      Name: random.pick(NAMES),
      Rules: random.pick(RULES),
    }),
  async (consul, random) => consul.request('DELETE', `acl/policy/${await anyOf(consul, 'acl/policies', 'ID', random)}`),
  ({ request }, { pick }) =>
    request('PUT', 'acl/role', {
      Name: pick(NAMES),
      Policies: pick([[], [{ Name: pick(NAMES) }]]),
      ServiceIdentities: pick([[], [{ ServiceName: pick(NAMES) }]]),
    }),
  ({ request }, { pick }) =>
    request('PUT', 'acl/token', {
      Policies: [{ Name: pick(['global-management', ...NAMES]) }],
      Roles: pick([[], [{ Name: pick(NAMES) }]]),
      ExpirationTTL: pick([null, '1h']),
      Local: pick([true, false]),
    }),
  ({ request }, { pick }) =>
    request('PUT', 'acl/auth-method', {
      Name: pick(NAMES),
      Type: 'jwt',
      Config: { JWTSupportedAlgs: ['ES256'], JWKSURL: 'http://127.0.0.1:9/jwks', ClaimMappings: { sub: 'sub' } },
    }),
  ({ request }, { pick }) =>
    request('PUT', 'acl/binding-rule', {
      AuthMethod: pick(NAMES),
      BindType: pick(['role', 'service', 'policy']),
      BindName: pick(NAMES),
    }),
  ({ request }, { pick }) =>
    request('PUT', 'agent/service/register', {
      Name: pick(NAMES),
      ID: pick([null, ...NAMES]),
      Port: 8_080,
      Check: pick([null, { TTL: '30s' }]),
      Tags: [pick(NAMES)],
    }),
  ({ request }, { pick }) => request('PUT', 'agent/check/register', { Name: pick(NAMES), TTL: '30s' }),
  ({ request }, { pick }) => request('PUT', `agent/check/pass/${pick(NAMES)}`),
  ({ request }, { pick }) => request('PUT', `agent/service/maintenance/${pick(NAMES)}?enable=${pick([true, false])}`),
  ({ request }, { pick }) => request('PUT', `agent/maintenance?enable=${pick([true, false])}`),
  ({ request }, { pick }) =>
    request('PUT', 'catalog/register', {
      Node: pick(NAMES),
      Address: '192.0.2.1',
      NodeMeta: { team: pick(NAMES) },
      Service: pick([null, { Service: pick(NAMES) }]),
      Check: pick([null, { Name: pick(NAMES), Status: 'passing' }]),
    }),
  ({ request }, { pick }) => request('PUT', 'catalog/deregister', { Node: pick(NAMES) }),
  ({ request }, { pick }) => request('POST', 'query', { Name: pick(NAMES), Service: { Service: pick(NAMES) } }),
  ({ request }, { pick }) => {
    const kind = pick(KINDS);
    const name = kind === 'proxy-defaults' ? 'global' : kind === 'mesh' ? 'mesh' : pick(NAMES);
    return request('PUT', 'config', {
      Kind: kind,
      Name: name,
      ...(kind === 'service-intentions' && { Sources: [{ Name: pick(NAMES), Action: pick(['allow', 'deny']) }] }),
      ...(kind === 'service-defaults' && { Protocol: pick(['http', 'tcp']) }),
    });
  },
  ({ request }, { pick }) => request('POST', 'peering/token', { PeerName: pick(NAMES) }),
  ({ request }, { pick }) => request('PUT', `agent/token/${pick(['default', 'agent'])}`, { Token: pick(NAMES) }),
  ({ request }) => request('PUT', 'acl/logout'),
];

/** Calls after which a server is thrown away. */
const FINAL: readonly Call[] = [
  ({ request }, { pick }) =>
    request('PUT', 'session/create', { Name: pick(NAMES), Behavior: pick(['release', 'delete']) }),
  ({ request }, { pick }) => request('PUT', `event/fire/${pick(NAMES)}`),
  ({ request }) => request('PUT', 'connect/ca/configuration', { Provider: 'consul', Config: { LeafCertTTL: '48h' } }),
  ({ request }) => request('PUT', 'operator/autopilot/configuration', { CleanupDeadServers: false }),
  ({ request }, { pick }) =>
    request('PUT', 'acl/token/00000000-0000-0000-0000-000000000002', {
      Policies: [{ Name: pick(['global-management']) }],
    }),
];

/** One call in 100 is one after which the server is thrown away. */
export async function callConsulAtRandom(consul: StartedConsul, random: Random): Promise<boolean> {
  const call = random.pick(random.oneIn(100) ? FINAL : UNDONE);
  return call(consul, random).then(
    () => true,
    () => false,
  );
}
