import { VaultproofError } from '../../errors/index.js';
import type { HttpAnswer, HttpClient } from '../../internal/http-client.js';
import { importInTurn } from '../../internal/import-in-turn.js';
import { isRecord, membersOf } from '../../internal/json.js';
import { refuseRedirect, vaultErrors, vaultRefusal, vaultRequest } from '../api/vault-api.js';
import type { MatchedBound } from './role-bounds.js';
import type { KnownKvMounts } from './secret-path.js';
import { answeredAt } from './time-check.js';
import type { ReadToken } from './token-claims.js';
import type { RefusedVaultLogin, VaultLoginConfig } from './vault-explain.js';
import { type VaultSession, vaultSession } from './vault-session.js';
import { fetchKeyIds, type ReachedHost } from './verification-keys.js';

/** What methods of other types answer to a login that they can't read, besides 400 and 403. */
const MAY_BE_OTHER_METHOD: readonly number[] = [404, 405, 500];

/** A login that was tried. */
export interface VaultLoginTried {
  /** The request, its path without `/v1/`. */
  readonly request: { readonly method: string; readonly path: string };
  /** Without `auth/` and without slashes at its ends. */
  readonly mount: string;
  readonly role: string | undefined;
  /** Without slashes at its ends; empty for the root namespace. */
  readonly namespace: string;
  /** What the token says; undefined for what is no JWT. */
  readonly token: () => Promise<ReadToken | undefined>;
}

/** Where to look for the reason of a refusal. */
export interface VaultInspection {
  /** A token that may read the auth method's config and roles; and the session's policies, where it is denied something. */
  readonly token?: string | undefined;
  /** How Vault reaches this host; default as this host does. */
  readonly host?: ReachedHost | undefined;
  /** The key set's URL as this host reaches it; default the config's `jwks_url`. */
  readonly jwksUrl?: string | undefined;
}

/** Where to look for the reason of a refusal, and what else is known of a server that was started. */
export interface ServerInspection extends VaultInspection {
  /** The KV engines of the root namespace; default none. */
  readonly engines?: KnownKvMounts | undefined;
}

/**
 * The session of a login that was answered.
 * @throws LoginRefusedError with the check that failed, and what else a server answers
 */
export async function sessionOf(
  http: HttpClient,
  login: VaultLoginTried,
  answer: HttpAnswer,
  inspection: ServerInspection,
): Promise<VaultSession> {
  const { request, role, namespace } = login;
  await refuseLogin(http, login, answer, inspection);
  const auth = isRecord(answer.body) ? answer.body['auth'] : undefined;
  if (!isRecord(auth) || typeof auth['client_token'] !== 'string') {
    throw new VaultproofError('unexpected_answer', `"${request.path}" answered without a token`);
  }
  const metadata = auth['metadata'];
  const made = {
    token: auth['client_token'],
    policies: Array.isArray(auth['policies']) ? auth['policies'].map(String) : [],
    ttlSeconds: Number(auth['lease_duration']),
    role: isRecord(metadata) && typeof metadata['role'] === 'string' ? metadata['role'] : role,
  };
  return vaultSession(http, made, {
    readerToken: inspection.token,
    engines: namespace === '' ? inspection.engines : undefined,
    matchedBounds: () => boundsMet(http, inspection.token ?? made.token, { ...login, role: made.role }),
  });
}

/** @throws what an answer refuses, and LoginRefusedError where that is a verdict on the token */
export async function refuseLogin(
  http: HttpClient,
  { request: { method, path }, mount, role, namespace, token }: VaultLoginTried,
  answer: HttpAnswer,
  inspection: ServerInspection,
): Promise<void> {
  refuseRedirect(http, method, path, answer);
  const { status, body } = answer;
  if (status < 300) return;
  const serverMessage = vaultErrors(body).join('; ').trim() || `status ${status} without a reason`;
  const refused = { token: await token(), mount, namespace, role, status, serverMessage };
  const { explainVaultRefusal, isVaultRefusal, refusalByOtherMethod } = await importInTurn(
    () => import('./vault-explain.js'),
  );
  if (isVaultRefusal(status, serverMessage)) {
    const now = answeredAt(answer.headers);
    throw explainVaultRefusal(refused, { ...(await inspect(http, refused, inspection)), now });
  }
  // A sealed Vault, a rate limit or a proxy's page is no verdict on the token; a method of another type says anything.
  const methods = MAY_BE_OTHER_METHOD.includes(status) ? await methodTypes(http, inspection.token) : undefined;
  throw refusalByOtherMethod(refused, { methods }) ?? vaultRefusal(http, method, path, status, body);
}

/** The bounds that a token that was let in has met, as they are configured now. */
async function boundsMet(
  http: HttpClient,
  token: string,
  { token: seen, mount, role = '' }: Pick<VaultLoginTried, 'token' | 'mount' | 'role'>,
): Promise<readonly MatchedBound[]> {
  const read = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
    const { data } = await vaultRequest(http, token, 'GET', `auth/${mount}/${path}`);
    return membersOf(data);
  };
  const [config, known, { matchedBounds }, claims] = await Promise.all([
    read('config'),
    read(`role/${role}`),
    importInTurn(() => import('./role-bounds.js')),
    seen(),
  ]);
  return claims === undefined ? [] : matchedBounds(claims, config, known);
}

/** Reads what the token was held against. Whatever may not be read, or is not there, is left out. */
async function inspect(
  http: HttpClient,
  { token: seen, mount, role, status }: RefusedVaultLogin,
  { token, host, jwksUrl }: VaultInspection,
): Promise<VaultLoginConfig> {
  const read = reader(http, token);
  const config = await read(`auth/${mount}/config`);
  // Where there is no configuration of a JWT auth method, the method may be another one.
  const methods = config === undefined ? await methodTypes(http, token) : undefined;
  const roleName = role ?? config?.['default_role'];
  const known =
    typeof roleName === 'string' && roleName !== '' ? await read(`auth/${mount}/role/${roleName}`) : undefined;
  const roles = known === undefined && config !== undefined ? await read(`auth/${mount}/role?list=true`) : undefined;
  const kids = await fetchKeyIds(jwksUrl === undefined ? (config ?? {}) : { jwks_url: jwksUrl }, host);
  const disabled =
    status === 403 && known !== undefined ? await disabledAlias(http, token, { token: seen, mount }, known) : undefined;
  return { config, role: known, roles: namesIn(roles), methods, kids, disabled };
}

/** The alias that a role makes of a token, where its entity is disabled; undefined where it is not, or may not be read. */
async function disabledAlias(
  http: HttpClient,
  token: string | undefined,
  { token: seen, mount }: Pick<RefusedVaultLogin, 'token' | 'mount'>,
  role: Readonly<Record<string, unknown>>,
): Promise<VaultLoginConfig['disabled']> {
  const { claimAt } = await importInTurn(() => import('./token-claims.js'));
  const claim = String(role['user_claim']);
  const pointers = role['user_claim_json_pointer'] === true;
  const alias = claimAt(seen?.claims ?? {}, claim, { pointers });
  const method = (await reader(http, token)('sys/auth'))?.[`${mount}/`];
  if (token === undefined || typeof alias !== 'string' || !isRecord(method)) return undefined;
  const by = { alias_name: alias, alias_mount_accessor: method['accessor'] };
  const found = await vaultRequest(http, token, 'POST', 'identity/lookup/entity', by).catch(() => undefined);
  const entity = found?.['data'];
  return isRecord(entity) && entity['disabled'] === true ? { claim, alias } : undefined;
}

function namesIn(list: Readonly<Record<string, unknown>> | undefined): readonly string[] | undefined {
  const keys = list?.['keys'];
  return Array.isArray(keys) ? keys.map(String) : undefined;
}

/** Reads with a token what it may read; undefined for anything else. */
export function reader(http: HttpClient, token: string | undefined) {
  return async (path: string): Promise<Readonly<Record<string, unknown>> | undefined> => {
    if (token === undefined) return undefined;
    const body = await vaultRequest(http, token, 'GET', path).catch(() => undefined);
    return isRecord(body?.['data']) ? body['data'] : undefined;
  };
}

/** The types of the auth methods by their paths; undefined where they may not be read. */
async function methodTypes(http: HttpClient, token: string | undefined): Promise<Record<string, string> | undefined> {
  const methods = await reader(http, token)('sys/auth');
  if (methods === undefined) return undefined;
  const types = Object.entries(methods).flatMap(([path, method]) =>
    isRecord(method) && typeof method['type'] === 'string' ? [[path.replace(/\/$/, ''), method['type']]] : [],
  );
  return Object.fromEntries(types);
}
