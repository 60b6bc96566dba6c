import { UsageError, VaultproofError } from '../../errors/index.js';
import { consulCall, consulRefusal, consulWords } from '../../internal/consul-api.js';
import type { HttpClient } from '../../internal/http-client.js';
import { importInTurn } from '../../internal/import-in-turn.js';
import { isRecord } from '../../internal/json.js';
import { type KnownOptions, refuseUnknownOptions } from '../../internal/known-options.js';
import type { TriedBindingRule } from './consul-binding.js';
import type { ConsulLoginConfig } from './consul-explain.js';
import { type ConsulSession, consulSession } from './consul-session.js';
import { consulToken } from './consul-token.js';
import { requireToken } from './require-token.js';
import { answeredAt } from './time-check.js';
import { fetchKeyIds, type ReachedHost } from './verification-keys.js';

type Fields = Readonly<Record<string, unknown>>;

/** A login with a JWT. */
export interface ConsulLoginRequest {
  /** The JWT, in its compact form. */
  readonly jwt: string;
  /** The auth method's name. */
  readonly method: string;
  /** Written into the token's description; default nothing. */
  readonly meta?: Readonly<Record<string, string>> | undefined;
}

const loginOptions: KnownOptions<ConsulLoginRequest> = { jwt: true, method: true, meta: true };

/** Where to look for the reason of a refusal. */
export interface ConsulInspection {
  /** A token with `acl = "read"`, for the auth method, its binding rules, and the names of roles and policies. */
  readonly token?: string | undefined;
  /** How Consul reaches this host; default as this host does. */
  readonly host?: ReachedHost | undefined;
  /** The key set's URL as this host reaches it; default that of the auth method. */
  readonly jwksUrl?: string | undefined;
}

/** Logs in with a JWT, see `loginToConsul`. */
export async function consulLogin(
  http: HttpClient,
  request: ConsulLoginRequest,
  inspection: ConsulInspection = {},
): Promise<ConsulSession> {
  refuseUnknownOptions('login', request, loginOptions);
  const { jwt, method, meta } = request;
  requireToken(jwt);
  if (typeof method !== 'string' || method === '') throw new UsageError('"method" must be the name of an auth method');
  const json = { AuthMethod: method, BearerToken: jwt, Meta: meta };
  const { status, headers, body } = await http.request('POST', '/v1/acl/login', { json });
  if (status >= 300) {
    const serverMessage = consulWords(body) || `status ${status} without a reason`;
    const { explainConsulRefusal, isConsulRefusal } = await importInTurn(() => import('./consul-explain.js'));
    // A Consul without a leader, a rate limit or a proxy's page is no verdict on the token.
    if (!isConsulRefusal(status, serverMessage)) throw consulRefusal('POST', 'acl/login', status, body);
    const known = await inspect(http, method, inspection);
    throw explainConsulRefusal({ jwt, method, status, serverMessage }, { ...known, now: answeredAt(headers) });
  }
  const token = consulToken(body);
  if (token === undefined) throw new VaultproofError('unexpected_answer', '"acl/login" answered without a token');
  return consulSession(http, token, {
    matchedRules: () => rulesMatched(http, inspection.token ?? token.token, { jwt, method }),
    readerToken: inspection.token,
  });
}

/** The binding rules that match a token that was let in, as they are now. */
async function rulesMatched(
  http: HttpClient,
  token: string,
  { jwt, method }: { readonly jwt: string; readonly method: string },
): Promise<readonly TriedBindingRule[]> {
  const read = (path: string): Promise<unknown> => consulCall(http, token, 'GET', path);
  const name = encodeURIComponent(method);
  const [authMethod, rules, roles, policies, { triedRules }, { selectableValues }, { readToken }] = await Promise.all([
    read(`acl/auth-method/${name}`),
    read(`acl/binding-rules?authmethod=${name}`),
    read('acl/roles'),
    read('acl/policies'),
    importInTurn(() => import('./consul-binding.js')),
    importInTurn(() => import('./consul-selector-verdict.js')),
    importInTurn(() => import('./token-claims.js')),
  ]);
  const claims = readToken(jwt)?.claims ?? {};
  const config = configOf(authMethod) ?? {};
  const seen = { config, claims, values: selectableValues(config, claims) };
  return triedRules(records(rules) ?? [], seen, { role: names(roles), policy: names(policies) }).filter(
    ({ matched, exists }) => matched !== false && exists !== false,
  );
}

function configOf(authMethod: unknown): Fields | undefined {
  return isRecord(authMethod) && isRecord(authMethod['Config']) ? authMethod['Config'] : undefined;
}

/** Reads what the token was held against. Whatever may not be read, or is not there, is left out. */
async function inspect(
  http: HttpClient,
  method: string,
  { token, host, jwksUrl }: ConsulInspection,
): Promise<ConsulLoginConfig> {
  const read = async (path: string): Promise<unknown> =>
    token === undefined ? undefined : consulCall(http, token, 'GET', path).catch(() => undefined);
  const name = encodeURIComponent(method);
  const [authMethod, methods, rules, roles, policies] = await Promise.all([
    read(`acl/auth-method/${name}`),
    read('acl/auth-methods'),
    read(`acl/binding-rules?authmethod=${name}`),
    read('acl/roles'),
    read('acl/policies'),
  ]);
  const config = configOf(authMethod);
  return {
    config,
    methods: typesOf(records(methods)),
    rules: records(rules),
    names: { role: names(roles), policy: names(policies) },
    kids: await fetchKeyIds(jwksUrl === undefined ? keySource(config) : { jwks_url: jwksUrl }, host),
  };
}

/** The auth method's source of keys, in Vault's words. */
function keySource(config: Fields = {}): Fields {
  return {
    oidc_discovery_url: config['OIDCDiscoveryURL'],
    oidc_discovery_ca_pem: config['OIDCDiscoveryCACert'],
    jwks_url: config['JWKSURL'],
    jwks_ca_pem: config['JWKSCACert'],
  };
}

function records(value: unknown): Fields[] | undefined {
  return Array.isArray(value) ? value.filter(isRecord) : undefined;
}

function typesOf(methods: Fields[] | undefined): Record<string, string> | undefined {
  return methods && Object.fromEntries(methods.map(({ Name, Type }) => [String(Name), String(Type)]));
}

function names(value: unknown): string[] | undefined {
  return records(value)?.map((listed) => String(listed['Name']).toLowerCase());
}
