import { isIPv4 } from 'node:net';
import { type HttpClient, httpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import { canListenAt } from '../../internal/listening.js';
import { KeyedMutex, Mutex } from '../../internal/mutex.js';
import type {
  AccessDifference,
  DeclaredAccess,
  DeclaredIdentity,
  DeclaredLogin,
  DeclaredPolicy,
} from '../access/index.js';
import type { StartedVault } from '../servers/vault-handle.js';
import type { ProvenSide, WitnessSigner } from './side.js';
import { logIn, methodConfig, REDIRECT_URI } from './vault-login.js';
import { type InNamespace, isSameRole, mountOf, nameIn, within } from './vault-paths.js';

/** Engines that every server has, under their own paths. */
const BUILT_IN = ['sys', 'auth', 'identity', 'cubbyhole'];

/** Makes the namespaces of what is declared, and those above them, which come first. */
async function makeNamespaces(vault: StartedVault, declared: readonly InNamespace[]): Promise<readonly string[]> {
  const made = new Set<string>();
  for (const { namespace = '' } of declared) {
    const names = namespace.split('/').filter((name) => name !== '');
    for (const [index, name] of names.entries()) {
      const above = names.slice(0, index).join('/');
      const path = [...names.slice(0, index), name].join('/');
      if (made.has(path)) continue;
      made.add(path);
      await vault.request('POST', within({ namespace: above || undefined }, `sys/namespaces/${name}`));
    }
  }
  return [...made].toSorted((one, other) => one.length - other.length);
}

/** So many roles are tried at once. */
const AT_ONCE = 8;

/** A throwaway Vault with the policies, auth methods, roles, entities and groups that one side declares. */
export async function vaultSide(
  vault: StartedVault,
  access: DeclaredAccess,
  signer: WitnessSigner,
): Promise<ProvenSide> {
  const hasNamespaces = await vault.supports('namespaces');
  const isThere = ({ namespace }: InNamespace): boolean => hasNamespaces || namespace === undefined;
  const policies = [...access.policies.values()].filter(isThere);
  const allLogins = access.logins.filter(isThere);
  const namespaces = await makeNamespaces(vault, [...policies, ...allLogins]);
  for (const policy of policies) {
    // A policy that is not there grants as much as one without rules, which Vault does not take.
    if (policy.name === 'root' || policy.rules.length === 0) continue;
    await vault.request('PUT', within(policy, `sys/policies/acl/${nameIn(policy)}`), { policy: textOf(policy) });
  }
  const withGroups = new Set<string>();
  for (const mount of new Set(allLogins.map(mountOf))) {
    const logins = allLogins.filter((login) => mountOf(login) === mount);
    const [first] = logins;
    if (first === undefined) continue;
    await vault.request('POST', within(first, `sys/auth/${first.mount}`), { type: 'jwt' });
    await vault.request('POST', `${mount}/config`, await methodConfig(logins, vault, signer));
    await writeIdentities(vault, first, logins);
    if (logins.some(({ groups }) => groups !== undefined)) withGroups.add(mount);
  }
  for (const login of allLogins) {
    const inBrowser = allLogins.some((one) => one.bounds.flow === 'oidc' && isSameRole(one, login));
    await vault.request('POST', `${mountOf(login)}/role/${login.role}`, fieldsOf(login, inBrowser));
  }
  const clients = new Map<string | undefined, HttpClient>();
  const clientAt = (localAddress?: string): HttpClient => {
    const http = clients.get(localAddress) ?? httpClient(vault.address, { localAddress });
    clients.set(localAddress, http);
    return http;
  };
  const engines = new Set<string>();
  const turns = new Mutex();
  /** What a request is allowed to say shows at an engine that is there, and at a secret that is, or is not yet. */
  const prepare = async (path: string, isNew: boolean): Promise<void> => {
    const namespace = namespaces.findLast((one) => path.startsWith(`${one}/`));
    const [name = ''] = path.slice(namespace === undefined ? 0 : namespace.length + 1).split('/');
    if (BUILT_IN.includes(name)) return;
    const engine = within({ namespace }, name);
    if (!engines.has(engine)) await vault.request('POST', within({ namespace }, `sys/mounts/${name}`), { type: 'kv' });
    engines.add(engine);
    await (isNew ? vault.request('DELETE', path) : vault.request('POST', path, { there: true }));
  };
  const tokens = new Map<string, Promise<string | undefined>>();
  /** A witness is often one of several differences. */
  const tokenOf = (login: DeclaredLogin, { witness }: AccessDifference): Promise<string | undefined> => {
    const key = JSON.stringify([mountOf(login), login.role, login.bounds.flow, witness.address, witness.claims]);
    const isKept = !withGroups.has(mountOf(login));
    const token = (isKept ? tokens.get(key) : undefined) ?? logIn(clientAt(witness.address), login, witness, signer);
    tokens.set(key, token);
    return token;
  };
  const tried = async (login: DeclaredLogin, difference: AccessDifference): Promise<boolean> => {
    const token = await tokenOf(login, difference);
    const { kind, path, capability, witness } = difference;
    if (token === undefined || kind === 'login' || path === undefined) return token !== undefined;
    if (witness.data !== undefined || witness.wrapTtl !== undefined) {
      return turns.run(async () => {
        await prepare(path, capability === 'create');
        return (await clientAt(witness.address).request(...requestOf(difference, path, token))).status !== 403;
      });
    }
    const asked = capability === 'list' || capability === 'scan' ? `${path}/` : path;
    // A token is known in its namespace, where paths are relative to it.
    const relative = login.namespace === undefined ? asked : asked.slice(login.namespace.length + 1);
    const { data } = await vault.request('POST', within(login, 'sys/capabilities'), { token, paths: [relative] });
    const granted = isRecord(data) ? data[relative] : undefined;
    return Array.isArray(granted) && (granted.includes(capability) || granted.includes('root'));
  };
  const logins = new KeyedMutex();
  /** The latest login of a user says what groups all of the user's tokens have: one at a time. */
  const grants: typeof tried = (login, difference) =>
    withGroups.has(mountOf(login))
      ? logins.run(mountOf(login), () => tried(login, difference))
      : tried(login, difference);
  return {
    grants: async (difference) => {
      const own = allLogins.find((one) => isSameRole(one, difference) && one.bounds.flow === difference.flow);
      return own !== undefined && grants(own, difference);
    },
    grantsAtAny: async (difference) => {
      const there = allLogins.filter(
        (one) => mountOf(one) === mountOf(difference) && one.bounds.flow === difference.flow,
      );
      for (let from = 0; from < there.length; from += AT_ONCE) {
        const some = there.slice(from, from + AT_ONCE).map((login) => grants(login, difference));
        if ((await Promise.all(some)).includes(true)) return true;
      }
      return false;
    },
    untried: async ({ namespace, witness: { address } }) =>
      isThere({ namespace })
        ? whyUntried(address, vault)
        : `the server lacks namespaces, which OpenBao has ("--product openbao") and Vault's enterprise edition`,
  };
}

/** Why no connection to a server can be made from an address; undefined where one can. */
async function whyUntried(
  address: string | undefined,
  { engine }: Pick<StartedVault, 'engine'>,
): Promise<string | undefined> {
  if (address === undefined) return undefined;
  if (engine !== 'process') return `a server in a container does not see that a request comes from ${address}`;
  const isOwn = isIPv4(address) && (await canListenAt(address));
  return isOwn ? undefined : `${address} is no address of this host, and no connection can be made from it`;
}

/** The entities and groups with aliases at an auth method; the policies of groups that they are in are theirs. */
async function writeIdentities(
  vault: StartedVault,
  at: DeclaredLogin,
  logins: readonly DeclaredLogin[],
): Promise<void> {
  const { mount } = at;
  const { data } = await vault.request('GET', within(at, 'sys/auth'));
  const method = isRecord(data) ? data[`${mount}/`] : undefined;
  const accessor = isRecord(method) ? method['accessor'] : undefined;
  const write = async (kind: 'entity' | 'group', all: readonly DeclaredIdentity[], more: object): Promise<void> => {
    for (const [name, { policies }] of new Map(all.map((one) => [one.name, one]))) {
      const { data: made } = await vault.request('POST', within(at, `identity/${kind}`), {
        ...{ name: `${mount} ${name}`, policies: policies.map((policy) => nameIn({ ...at, name: policy })) },
        ...more,
      });
      const canonical = isRecord(made) ? made['id'] : undefined;
      await vault.request('POST', within(at, `identity/${kind}-alias`), {
        name,
        mount_accessor: accessor,
        canonical_id: canonical,
      });
    }
  };
  await write(
    'entity',
    logins.flatMap(({ entities = [] }) => entities),
    {},
  );
  await write(
    'group',
    logins.flatMap(({ groups = [] }) => groups),
    { type: 'external' },
  );
}

/** By capability, where it is not POST. */
const METHODS: Readonly<Record<string, string>> = {
  read: 'GET',
  list: 'LIST',
  scan: 'SCAN',
  delete: 'DELETE',
  patch: 'PATCH',
};

function requestOf(
  { capability = 'read', witness: { data, wrapTtl = 0 } }: AccessDifference,
  path: string,
  token: string,
): Parameters<HttpClient['request']> {
  const method = METHODS[capability] ?? 'POST';
  const headers = { 'x-vault-token': token, ...(wrapTtl > 0 && { 'x-vault-wrap-ttl': String(wrapTtl) }) };
  const hasBody = method === 'POST' || method === 'PATCH';
  return [method, `/v1/${path}`, { headers, ...(hasBody && { json: data ?? {} }) }];
}

/** @param inBrowser whether the role lets people in by a browser */
function fieldsOf(
  { namespace, bounds, policies }: DeclaredLogin,
  inBrowser: boolean,
): Readonly<Record<string, unknown>> {
  const isOidc = bounds.roleType === 'oidc';
  return {
    role_type: bounds.roleType ?? 'jwt',
    bound_audiences: bounds.boundAudiences ?? [],
    bound_subject: bounds.boundSubject ?? '',
    bound_claims: bounds.boundClaims ?? {},
    bound_claims_type: bounds.boundClaimsType ?? 'string',
    user_claim: bounds.userClaim ?? 'sub',
    user_claim_json_pointer: bounds.userClaimJsonPointer === true,
    groups_claim: bounds.groupsClaim ?? '',
    claim_mappings: bounds.claimMappings ?? {},
    token_bound_cidrs: bounds.tokenBoundCidrs ?? [],
    token_policies: policies.map((name) => nameIn({ namespace, name })),
    token_no_default_policy: true,
    // Vault takes no role of that type without any.
    ...((inBrowser || isOidc) && { allowed_redirect_uris: [inBrowser ? REDIRECT_URI : 'http://localhost/none'] }),
  };
}

/** A policy in JSON, as it was read. */
function textOf({ namespace, rules }: DeclaredPolicy): string {
  const path = rules.map((rule) => ({
    [nameIn({ namespace, name: rule.path })]: {
      capabilities: rule.capabilities,
      ...(rule.allowedParameters.size > 0 && { allowed_parameters: Object.fromEntries(rule.allowedParameters) }),
      ...(rule.deniedParameters.size > 0 && { denied_parameters: Object.fromEntries(rule.deniedParameters) }),
      ...(rule.requiredParameters.length > 0 && { required_parameters: rule.requiredParameters }),
      ...(rule.minWrappingTtl > 0 && { min_wrapping_ttl: rule.minWrappingTtl }),
      ...(rule.maxWrappingTtl > 0 && { max_wrapping_ttl: rule.maxWrappingTtl }),
    },
  }));
  return JSON.stringify({ path });
}
