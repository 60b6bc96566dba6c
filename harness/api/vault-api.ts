import { posix } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { VaultproofError } from '../../errors/index.js';
import type { HttpAnswer, HttpClient } from '../../internal/http-client.js';
import { isRecord, membersOf } from '../../internal/json.js';
import { withoutPasswords } from '../../internal/redaction.js';

const UPGRADING = /upgrading from non-versioned to versioned/i;
const UPGRADE_TIMEOUT_MS = 10_000;
const UPGRADE_POLL_MS = 5;
/** What a server of an address is called: Vault and OpenBao answer alike. */
const UNKNOWN = 'the server';

/** What OpenBao answers, with 400, to every request of a token whose policies it can't make out. */
const FORBIDDEN = 'Forbidden';
const FORBIDDEN_ADVICE = 'OpenBao takes no policy whose path is made of a name with "+", "*" or "/" in it';

/** The body of Vault's answer to a request, see {@link vaultRequest}. */
export type VaultBody = Readonly<Record<string, unknown>>;

/** What a request asks for besides its answer. */
export interface VaultRequestOptions {
  /**
   * How long the answer is to be wrapped, such as `5m`: in its place there is `wrap_info` with a token that it is had for once.
   * @see https://developer.hashicorp.com/vault/docs/concepts/response-wrapping
   */
  readonly wrapTtl?: string | undefined;
}

/**
 * Sends one request to Vault's API and waits while a new KV v2 engine upgrades its storage (it answers 400 then).
 * @param path without `/v1/`, for example `sys/mounts/kv`
 * @param options `namespace` is by default the root namespace; a Vault without namespaces ignores it
 * @returns the body, empty for a 204
 * @throws VaultproofError `permission_denied` for 403 (and OpenBao's 400 `Forbidden`), `vault_sealed`, `vault_standby`, `request_refused` for any other
 * refusal, with Vault's own errors, and `request_failed` when there is no answer
 * @see https://developer.hashicorp.com/vault/api-docs
 */
export async function vaultRequest(
  client: HttpClient,
  token: string,
  method: string,
  path: string,
  json?: unknown,
  { namespace = '', wrapTtl }: VaultRequestOptions & { readonly namespace?: string | undefined } = {},
): Promise<VaultBody> {
  const headers = {
    'x-vault-token': token,
    ...(namespace !== '' && { 'x-vault-namespace': namespace }),
    ...(wrapTtl !== undefined && { 'x-vault-wrap-ttl': wrapTtl }),
  };
  const request = { headers, json };
  const answer = await untilUpgraded(() => client.request(method, `/v1/${path}`, request));
  if (answer.status < 300) return membersOf(answer.body);
  refuseRedirect(client, method, path, answer);
  throw vaultRefusal(client, method, path, answer.status, answer.body);
}

/** Repeats a request for as long as the KV v2 engine that it goes to upgrades. */
export async function untilUpgraded<Answer extends Pick<HttpAnswer, 'status' | 'body'>>(
  request: () => Promise<Answer>,
): Promise<Answer> {
  let answer = await request();
  if (!isUpgrading(answer)) return answer;
  const deadline = performance.now() + UPGRADE_TIMEOUT_MS;
  while (isUpgrading(answer) && performance.now() < deadline) {
    await delay(UPGRADE_POLL_MS);
    answer = await request();
  }
  return answer;
}

/** The HTTP status that a server refused a request with; undefined for an error that is not a server's answer. */
export function statusOf(error: unknown): unknown {
  return error instanceof VaultproofError ? error.details['status'] : undefined;
}

/** Whether a server, Vault or Consul, answered that something is not there. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}

function isUpgrading({ status, body }: Pick<HttpAnswer, 'status' | 'body'>): boolean {
  return status === 400 && vaultErrors(body).some((error) => UPGRADING.test(error));
}

/** The error for a refusal of Vault's or OpenBao's: method, path, status and the server's own words, nothing of the request. */
export function vaultRefusal(
  { product }: Pick<HttpClient, 'product'>,
  method: string,
  path: string,
  status: number,
  body: unknown,
): VaultproofError {
  const errors = vaultErrors(body);
  const words = errors.join('; ').trim();
  // Vault redirects a path with dots or empty parts in it; whoever followed would be somewhere else than was asked for.
  const prefix = /^\/?v1\//.test(path) ? ': write the path without "/v1/"' : '';
  const without = status < 400 ? `a redirect, which is not followed${prefix}` : 'no reason given';
  const unavailable = vaultUnavailability(words);
  const isForbidden = status === 400 && words === FORBIDDEN;
  const advice = unavailable === undefined ? (isForbidden ? FORBIDDEN_ADVICE : '') : unavailabilityAdvice[unavailable];
  return new VaultproofError(
    unavailable ?? (status === 403 || isForbidden ? 'permission_denied' : 'request_refused'),
    `${product ?? UNKNOWN} answered ${method} "${path}" with ${status}: ${words || without}${advice && `; ${advice}`}`,
    { details: { method, path, status, errors } },
  );
}

/**
 * A request goes to the server that was named and to no other: a token must not follow a redirect.
 * @throws VaultproofError `vault_standby` when the answer is a standby's redirect to the active node
 */
export function refuseRedirect(
  { product }: Pick<HttpClient, 'product'>,
  method: string,
  path: string,
  { status, headers }: HttpAnswer,
): void {
  const activeNode = status === 307 ? activeNodeIn(headers.location) : undefined;
  if (activeNode === undefined) return;
  throw new VaultproofError(
    'vault_standby',
    `${product ?? UNKNOWN} answered ${method} "${path}" with 307: it stands by for "${activeNode}" and could not hand the request on; see whether that node is there, or give its address`,
    { details: { method, path, status, activeNode } },
  );
}

/** Vault's own `errors` in a body; empty where there are none. */
export function vaultErrors(body: unknown): readonly string[] {
  if (!isRecord(body) || !Array.isArray(body['errors'])) return [];
  return body['errors'].map((error) => withoutPasswords(String(error)));
}

/** Why a Vault that answers can serve nothing. */
type VaultUnavailability = 'vault_sealed' | 'vault_standby';

const WORDS: readonly (readonly [VaultUnavailability, RegExp])[] = [
  ['vault_sealed', /Vault is sealed/],
  [
    'vault_standby',
    /active cluster node not found|no active Vault instance found|node is not active|Vault is in standby mode/,
  ],
];

/** What to do about it, after what failed. */
export const unavailabilityAdvice: Readonly<Record<VaultUnavailability, string>> = {
  vault_sealed: 'unseal it, and try again',
  vault_standby: 'it stands by for an active node that is not there: unseal or start that one, and try again',
};

/**
 * Whether Vault says that it is sealed, or stands by and has no active node to hand requests on to.
 * @see https://developer.hashicorp.com/vault/docs/concepts/ha
 */
export function vaultUnavailability(words: string): VaultUnavailability | undefined {
  return WORDS.find(([, pattern]) => pattern.test(words))?.[0];
}

/**
 * The active node's address, from the redirect of a standby that can't hand a request on, or was told not to.
 * (Vault also redirects paths that it would write otherwise, without a host.)
 */
function activeNodeIn(location: string | undefined): string | undefined {
  return location !== undefined && URL.canParse(location) ? new URL(location).origin : undefined;
}

/** Encodes a path's parts, so that `?`, `#` or `%` in a name is a part of the name. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The path that {@link encodePath} encoded; parts that are not encoded rightly stay as they are. */
export function decodePath(path: string): string {
  return path
    .split('/')
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    })
    .join('/');
}

/** The path that Vault's own client asks for: without empty parts, `.` and `..`, and encoded. */
export function joinedPath(path: string): string {
  if (/^(?:[\w-]+\/)*[\w-]+$/.test(path)) return path;
  return encodePath(posix.join('/', path).replaceAll(/^\/|\/$/g, ''));
}

const NO_ROUTE = /no handler for route/;
/** What every Vault has, and nobody mounts. */
const BUILT_IN = ['cubbyhole', 'identity', 'system'];

/**
 * Explains a refusal where nothing is mounted at a path: Vault speaks of policies, to its root token as well.
 * @param refusal what a request for the path was answered with
 * @param path without slashes at its ends, such as `kv/team/db`
 * @param request sends one with a token that may read `sys/mounts`
 * @returns undefined where something is mounted there, the token may not see what is, or the answer has another reason
 */
export async function mountNotFound(
  refusal: { readonly status?: unknown; readonly errors?: unknown },
  path: string,
  request: (method: string, path: string) => Promise<VaultBody>,
): Promise<VaultproofError | undefined> {
  const { status, errors } = refusal;
  const hasNoRoute = status === 404 && Array.isArray(errors) && errors.some((words) => NO_ROUTE.test(words));
  if (status !== 403 && !hasNoRoute) return undefined;
  const { data } = await request('GET', 'sys/mounts').catch((): VaultBody => ({}));
  if (!isRecord(data) || Object.keys(data).some((mount) => `${path}/`.startsWith(mount))) return undefined;
  const mounts = Object.keys(data).filter((mount) => !BUILT_IN.includes(String(Object(data[mount]).type)));
  const there =
    mounts.length === 0 ? 'no secrets engine is' : `these are: ${mounts.map((one) => `"${one}"`).join(', ')}`;
  return new VaultproofError(
    'mount_not_found',
    `nothing is mounted at "${path}", ${there}; correct the path, or mount an engine there first`,
    { details: { path, mounts } },
  );
}
