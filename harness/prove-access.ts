import { type HttpClient, httpClient } from '../internal/http-client.js';
import { isRecord } from '../internal/json.js';
import type { AccessDiff, AccessDifference, DeclaredAccess, DeclaredLogin, VaultPolicy } from './access/index.js';
import type { StartedVault } from './servers/vault-handle.js';
import { startVault, type VaultOptions } from './start-vault.js';

/** Seconds that witnesses are valid. */
const LIFETIME_S = 3600;
/** Engines that every server has, under their own paths. */
const BUILT_IN = ['sys', 'auth', 'identity', 'cubbyhole'];

/**
 * Tries each witness of a difference at two throwaway servers: one has the roles and policies from before a change, the other those after
 * it. Nothing else of the declarations is applied.
 * @param sides what the difference is of
 * @param options of both servers
 * @returns the same with `proven` at each: whether one server lets the token do it and the other does not
 * @throws VaultproofError what {@link startVault} throws, and `request_refused` for a role or a policy that the server refuses
 * @example
 * const { widened } = await proveAccessDiff(accessDiff(base, head), { base, head });
 */
export async function proveAccessDiff(
  diff: AccessDiff,
  { base, head }: { readonly base: DeclaredAccess; readonly head: DeclaredAccess },
  options: VaultOptions = {},
): Promise<AccessDiff> {
  if (diff.widened.length + diff.narrowed.length === 0) return diff;
  const signer = await newSigner();
  await using before = await startVault(options);
  await using after = await startVault(options);
  const [sideBefore, sideAfter] = await Promise.all([sideAt(before, base, signer), sideAt(after, head, signer)]);
  const prove = async (all: readonly AccessDifference[], gains: Side, lacks: Side): Promise<AccessDifference[]> => {
    const proven: AccessDifference[] = [];
    for (const one of all)
      proven.push({ ...one, proven: (await gains.grants(one)) && !(await lacks.grantsAtAny(one)) });
    return proven;
  };
  return {
    ...diff,
    widened: await prove(diff.widened, sideAfter, sideBefore),
    narrowed: await prove(diff.narrowed, sideBefore, sideAfter),
  };
}

/** Signs the witnesses. */
interface Signer {
  readonly pem: string;
  sign(claims: object): Promise<string>;
}

async function newSigner(): Promise<Signer> {
  const [{ generateSigningKey, signCompact }, { publicPem }] = await Promise.all([
    import('../issuer/index.js'),
    import('../issuer/keys/index.js'),
  ]);
  const key = await generateSigningKey('ES256');
  return { pem: publicPem(key), sign: (claims) => signCompact(key, claims) };
}

/** A server with what one side declares. */
interface Side {
  /** Whether the difference's own role lets its witness in, and grants what it is about. */
  grants(difference: AccessDifference): Promise<boolean>;
  /** Whether any role of the mount does. */
  grantsAtAny(difference: AccessDifference): Promise<boolean>;
}

async function sideAt(vault: StartedVault, access: DeclaredAccess, signer: Signer): Promise<Side> {
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
  /** What a request is allowed to say shows at an engine that is there, and at a secret that is, or is not yet. */
  const prepare = async (path: string, isNew: boolean): Promise<void> => {
    const [engine = ''] = path.split('/');
    if (BUILT_IN.includes(engine)) return;
    if (!engines.has(engine)) await vault.request('POST', `sys/mounts/${engine}`, { type: 'kv' });
    engines.add(engine);
    await (isNew ? vault.request('DELETE', path) : vault.request('POST', path, { there: true }));
  };
  const grants = async (login: DeclaredLogin, difference: AccessDifference): Promise<boolean> => {
    const token = await logIn(http, login, difference, signer);
    const { kind, path, capability, witness } = difference;
    if (token === undefined || kind === 'login' || path === undefined) return token !== undefined;
    if (witness.data !== undefined) {
      await prepare(path, capability === 'create');
      const method = capability === 'patch' ? 'PATCH' : 'POST';
      const headers = { 'x-vault-token': token };
      return (await http.request(method, `/v1/${path}`, { headers, json: witness.data })).status !== 403;
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
      for (const login of access.logins) {
        if (login.mount === difference.mount && (await grants(login, difference))) return true;
      }
      return false;
    },
  };
}

/** The Vault token of a login; undefined where it is refused. */
async function logIn(
  http: HttpClient,
  { mount, role }: DeclaredLogin,
  { witness }: AccessDifference,
  signer: Signer,
): Promise<string | undefined> {
  const now = Math.floor(Date.now() / 1000);
  const jwt = await signer.sign({ iat: now, exp: now + LIFETIME_S, ...witness.claims });
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
