import { type HttpClient, httpClient } from '../internal/http-client.js';
import { isRecord } from '../internal/json.js';
import { Mutex } from '../internal/mutex.js';
import type { AccessDiff, AccessDifference, DeclaredAccess, DeclaredLogin, VaultPolicy } from './access/index.js';
import { consulSide } from './prove-consul-access.js';
import { newSigner, type ProvenSide, type WitnessSigner } from './proven-side.js';
import type { StartedConsul } from './servers/consul.js';
import type { StartedVault } from './servers/vault-handle.js';
import { startConsul } from './start-consul.js';
import { startVault, type VaultOptions } from './start-vault.js';

/** Engines that every server has, under their own paths. */
const BUILT_IN = ['sys', 'auth', 'identity', 'cubbyhole'];

/** So many witnesses are tried at once. */
const AT_ONCE = 8;

/**
 * Tries each witness of a difference at two throwaway servers of its product: one has the logins and policies from before a change, the
 * other those after it. Nothing else of the declarations is applied. A product without a difference is not started.
 * @param sides what the difference is of
 * @param options of all servers; `product` is Vault's
 * @returns the same with `proven` at each: whether one server lets the token do it and the other does not
 * @throws VaultproofError what {@link startVault} and {@link startConsul} throw, and `request_refused` for a role or a policy that the
 * server refuses
 * @example
 * const { widened } = await proveAccessDiff(accessDiff(base, head), { base, head });
 */
export async function proveAccessDiff(
  diff: AccessDiff,
  sides: { readonly base: DeclaredAccess; readonly head: DeclaredAccess },
  options: VaultOptions = {},
): Promise<AccessDiff> {
  const all = [...diff.widened, ...diff.narrowed];
  const signer = await newSigner();
  const ofVault = all.some(({ server }) => server !== 'consul');
  const ofConsul = all.some(({ server }) => server === 'consul');
  const { engine, report, signal } = options;
  const shared = { engine, report, signal };
  await using vaultBefore = ofVault ? await startVault(options) : undefined;
  await using vaultAfter = ofVault ? await startVault(options) : undefined;
  await using consulBefore = ofConsul ? await startConsul(shared) : undefined;
  await using consulAfter = ofConsul ? await startConsul(shared) : undefined;
  const sideOf = async (access: DeclaredAccess, vault?: StartedVault, consul?: StartedConsul): Promise<Sides> => ({
    vault: vault && (await vaultSide(vault, access, signer)),
    consul: consul && access.consul && (await consulSide(consul, access.consul, signer)),
  });
  const [before, after] = await Promise.all([
    sideOf(sides.base, vaultBefore, consulBefore),
    sideOf(sides.head, vaultAfter, consulAfter),
  ]);
  return {
    ...diff,
    widened: await proved(diff.widened, after, before),
    narrowed: await proved(diff.narrowed, before, after),
  };
}

/** What one side declares, at a server of each product. */
interface Sides {
  readonly vault?: ProvenSide | undefined;
  readonly consul?: ProvenSide | undefined;
}

async function proved(all: readonly AccessDifference[], gains: Sides, lacks: Sides): Promise<AccessDifference[]> {
  const found: AccessDifference[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const some = all.slice(from, from + AT_ONCE).map(async (one) => {
      const at = one.server ?? 'vault';
      const [has, had] = await Promise.all([gains[at]?.grants(one), lacks[at]?.grantsAtAny(one)]);
      return { ...one, proven: has === true && had !== true };
    });
    found.push(...(await Promise.all(some)));
  }
  return found;
}

async function vaultSide(vault: StartedVault, access: DeclaredAccess, signer: WitnessSigner): Promise<ProvenSide> {
  for (const policy of access.policies.values()) {
    if (policy.name === 'root') continue;
    await vault.request('PUT', `sys/policies/acl/${policy.name}`, { policy: textOf(policy) });
  }
  for (const mount of new Set(access.logins.map((login) => login.mount))) {
    const issuer = access.logins.find((login) => login.mount === mount)?.bounds.boundIssuer;
    await vault.request('POST', `sys/auth/${mount}`, { type: 'jwt' });
    const config = { jwt_validation_pubkeys: [signer.pem], bound_issuer: issuer ?? '' };
    await vault.request('POST', `auth/${mount}/config`, config);
  }
  for (const login of access.logins)
    await vault.request('POST', `auth/${login.mount}/role/${login.role}`, fieldsOf(login));
  const http = httpClient(vault.address);
  const engines = new Set(BUILT_IN);
  const turns = new Mutex();
  /** What a request is allowed to say shows at an engine that is there, and at a secret that is, or is not yet. */
  const prepare = async (path: string, isNew: boolean): Promise<void> => {
    const [engine = ''] = path.split('/');
    if (BUILT_IN.includes(engine)) return;
    if (!engines.has(engine)) await vault.request('POST', `sys/mounts/${engine}`, { type: 'kv' });
    engines.add(engine);
    await (isNew ? vault.request('DELETE', path) : vault.request('POST', path, { there: true }));
  };
  const tokens = new Map<string, Promise<string | undefined>>();
  /** A witness is often one of several differences. */
  const tokenOf = (login: DeclaredLogin, difference: AccessDifference): Promise<string | undefined> => {
    const key = JSON.stringify([login.mount, login.role, difference.witness.claims]);
    const token = tokens.get(key) ?? logIn(http, login, difference, signer);
    tokens.set(key, token);
    return token;
  };
  const grants = async (login: DeclaredLogin, difference: AccessDifference): Promise<boolean> => {
    const token = await tokenOf(login, difference);
    const { kind, path, capability, witness } = difference;
    if (token === undefined || kind === 'login' || path === undefined) return token !== undefined;
    if (witness.data !== undefined || witness.wrapTtl !== undefined) {
      return turns.run(async () => {
        await prepare(path, capability === 'create');
        return (await http.request(...requestOf(difference, path, token))).status !== 403;
      });
    }
    const asked = capability === 'list' || capability === 'scan' ? `${path}/` : path;
    const { data } = await vault.request('POST', 'sys/capabilities', { token, paths: [asked] });
    const granted = isRecord(data) ? data[asked] : undefined;
    return Array.isArray(granted) && (granted.includes(capability) || granted.includes('root'));
  };
  return {
    grants: async (difference) => {
      const own = access.logins.find(({ mount, role }) => mount === difference.mount && role === difference.role);
      return own !== undefined && grants(own, difference);
    },
    grantsAtAny: async (difference) => {
      const there = access.logins.filter(({ mount }) => mount === difference.mount);
      for (let from = 0; from < there.length; from += AT_ONCE) {
        const some = there.slice(from, from + AT_ONCE).map((login) => grants(login, difference));
        if ((await Promise.all(some)).includes(true)) return true;
      }
      return false;
    },
  };
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

/** The Vault token of a login; undefined where it is refused. */
async function logIn(
  http: HttpClient,
  { mount, role }: DeclaredLogin,
  { witness }: AccessDifference,
  signer: WitnessSigner,
): Promise<string | undefined> {
  const jwt = await signer.sign(witness.claims);
  const { body } = await http.request('POST', `/v1/auth/${mount}/login`, { json: { jwt, role } });
  const auth = isRecord(body) ? body['auth'] : undefined;
  return isRecord(auth) && typeof auth['client_token'] === 'string' ? auth['client_token'] : undefined;
}

function fieldsOf({ bounds, policies }: DeclaredLogin): Readonly<Record<string, unknown>> {
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
    token_policies: policies,
    token_no_default_policy: true,
    ...(isOidc && { allowed_redirect_uris: ['http://localhost'] }),
  };
}

/** A policy in JSON, as it was read. */
function textOf({ rules }: VaultPolicy): string {
  const path = rules.map((rule) => ({
    [rule.path]: {
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
