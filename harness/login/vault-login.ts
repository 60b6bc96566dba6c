import { UsageError } from '../../errors/index.js';
import type { HttpClient } from '../../internal/http-client.js';
import { importInTurn } from '../../internal/import-in-turn.js';
import { membersOf } from '../../internal/json.js';
import { type KnownOptions, refuseUnknownOptions } from '../../internal/known-options.js';
import { unsupportedByServer } from '../api/vault-capabilities.js';
import { requireToken } from './require-token.js';
import { type ServerInspection, sessionOf } from './vault-login-answer.js';
import type { VaultSession } from './vault-session.js';

/** A login with a JWT. */
export interface VaultLoginRequest {
  /** The JWT, in its compact form. */
  readonly jwt: string;
  /** The role; default the backend's `default_role`. */
  readonly role?: string | undefined;
  /** Where the JWT auth method is mounted, without `auth/`; default `jwt`. */
  readonly mount?: string | undefined;
  /** The namespace that the auth method is in; default the root namespace. OpenBao has them, and Vault's enterprise edition. */
  readonly namespace?: string | undefined;
  /** Sent as `X-Correlation-Id`, which Vault writes to its audit log, and an OpenBao that is told to; default none. */
  readonly correlationId?: string | undefined;
}

const loginOptions: KnownOptions<VaultLoginRequest> = {
  jwt: true,
  role: true,
  mount: true,
  namespace: true,
  correlationId: true,
};

/** Logs in with a JWT, see `loginToVault`. */
export async function vaultLogin(
  client: HttpClient,
  request: VaultLoginRequest,
  inspection: ServerInspection = {},
): Promise<VaultSession> {
  refuseUnknownOptions('login', request, loginOptions);
  const { jwt, role, correlationId } = request;
  requireToken(jwt);
  const { http, mount, namespace } = await placeOf(client, request, 'jwt');
  const path = `auth/${mount}/login`;
  const headers = correlationId === undefined ? {} : { 'X-Correlation-Id': correlationId };
  const answer = await http.request('POST', `/v1/${path}`, { headers, json: { jwt, role } });
  const token = async () => (await importInTurn(() => import('./token-claims.js'))).readToken(jwt);
  return sessionOf(http, { request: { method: 'POST', path }, mount, role, namespace, token }, answer, inspection);
}

/** Where an auth method is, and a client for it. */
export async function placeOf(
  client: HttpClient,
  asked: Pick<VaultLoginRequest, 'mount' | 'namespace'>,
  usualMount: string,
): Promise<{ readonly http: HttpClient; readonly mount: string; readonly namespace: string }> {
  const [mount, namespace] = [asked.mount ?? usualMount, asked.namespace ?? ''].map((path) =>
    path.replace(/^\/+|\/+$/g, ''),
  ) as [string, string];
  if (mount === '') throw new UsageError(`"mount" must not be empty, it is "${usualMount}" by default`);
  return { http: namespace === '' ? client : await clientInNamespace(client, namespace), mount, namespace };
}

/**
 * A client whose requests are within a namespace.
 * @param namespace without slashes at its ends
 * @throws VaultproofError `unsupported_by_server` where the server has none: a community Vault would take the request for one
 * to its root namespace
 * @see https://developer.hashicorp.com/vault/docs/enterprise/namespaces#usage
 */
export async function clientInNamespace(http: HttpClient, namespace: string): Promise<HttpClient> {
  const { body } = await http.request('GET', '/v1/sys/health?standbyok=true&perfstandbyok=true');
  const { version, enterprise } = membersOf(body);
  if (isCommunityVault(String(version), enterprise)) {
    const lack = { capability: 'namespaces', neededBy: 'the login', value: namespace } as const;
    throw unsupportedByServer({ product: 'vault', version: String(version) }, [lack], 'no login was tried');
  }
  return {
    ...http,
    request: (method, path, asked = {}) =>
      http.request(method, path, { ...asked, headers: { ...asked.headers, 'x-vault-namespace': namespace } }),
  };
}

/** OpenBao began at version 2 and does not tell its edition; a Vault that does not is one of before 1.17. */
function isCommunityVault(version: string, enterprise: unknown): boolean {
  if (typeof enterprise === 'boolean') return !enterprise;
  return /^[01]\./.test(version) && !version.includes('+ent');
}
