import { type ErrorCode, UsageError, VaultproofError } from '../errors/index.js';
import type { HttpAnswer, HttpClient, HttpRequest } from './http-client.js';

/** What a request to Consul sends, and what its answer is held to. */
export type ConsulPayload = Pick<HttpRequest, 'json' | 'text' | 'timeoutMs' | 'totalMs' | 'idle'>;

/** A key of Consul's is no path: `a//b` and `a/../b` would lead to another one. */
const NOT_A_PART = /^\.{0,2}$/;

/**
 * A key, or the prefix of some, as the path of a request has it: its slashes stay, and nothing in it leads to another key.
 * @param what `key`, or `prefix`, which may be empty and end anywhere
 * @throws UsageError for an empty key, and for one with an empty part, `.` or `..`; a slash at its end is no such part
 * @see https://developer.hashicorp.com/consul/api-docs/kv
 */
export function consulKeyPath(key: string, what: 'key' | 'prefix' = 'key'): string {
  if (typeof key !== 'string') throw new UsageError(`the ${what} is "${key}": expected a string such as "app/colour"`);
  const parts = key.split('/');
  const isPlain = parts.every((part, at) => !NOT_A_PART.test(part) || (part === '' && at === parts.length - 1));
  if (!isPlain || (key === '' && what === 'key')) {
    throw new UsageError(`"${key}" is not a ${what} such as "app/colour": give one without empty parts, "." and ".."`);
  }
  return parts.map(encodeURIComponent).join('/');
}

/**
 * Sends one request to Consul's HTTP API.
 * @param path without `/v1/`, for example `acl/policies`
 * @returns the answer's body, parsed where it is JSON
 * @throws VaultproofError `permission_denied` for 403, `value_too_large` for 413, `acl_disabled`, `no_leader`,
 * `request_refused` for any other refusal, with Consul's own words, and `request_failed` when there is no answer
 * @see https://developer.hashicorp.com/consul/api-docs
 */
export async function consulCall(
  client: HttpClient,
  token: string,
  method: string,
  path: string,
  payload: ConsulPayload = {},
): Promise<unknown> {
  const answer = await consulAnswer(client, token, method, path, payload);
  if (answer.status >= 300) throw consulRefusal(method, path, answer.status, answer.body);
  return answer.body;
}

/** The same, whatever the answer is; an empty token is left out. */
export function consulAnswer(
  client: HttpClient,
  token: string,
  method: string,
  path: string,
  payload: ConsulPayload = {},
): Promise<HttpAnswer> {
  const headers = token === '' ? {} : { 'x-consul-token': token };
  return client.request(method, `/v1/${path}`, { headers, ...payload });
}

/** What is no Consul's may go on and on. */
const MOST_WORDS = 1_000;

const codes: Readonly<Record<number, ErrorCode>> = { 403: 'permission_denied', 413: 'value_too_large' };

/**
 * The error for a refusal of Consul's: method, path, status and Consul's own words, nothing of the request.
 * @param remedies what to do about it, by code, where there is more to say
 */
export function consulRefusal(
  method: string,
  path: string,
  status: number,
  body: unknown,
  remedies: Readonly<Partial<Record<ErrorCode, string>>> = {},
): VaultproofError {
  const reason = consulWords(body);
  const unavailable = status === 403 ? undefined : consulUnavailability(reason);
  const code = unavailable ?? codes[status] ?? 'request_refused';
  const remedy =
    reason === 'ACL not found' ? TOKEN_GONE : (remedies[code] ?? (unavailable && consulRemedies[unavailable]));
  return new VaultproofError(
    code,
    `consul answered ${method} "${path}" with ${status}: ${reason || 'no reason given'}${remedy === undefined ? '' : `; ${remedy}`}`,
    { details: { method, path, status, errors: [reason] } },
  );
}

/** Consul's own words in the body of a refusal, which is plain text, on one line; empty where there are none. */
export function consulWords(body: unknown): string {
  return typeof body === 'string' ? body.replace(/\s+/g, ' ').trim().slice(0, MOST_WORDS) : '';
}

/** Why a Consul that answers can serve nothing that takes a token. */
export type ConsulUnavailability = 'acl_disabled' | 'no_leader';

/** A dev Consul has its tokens in memory. */
const TOKEN_GONE = 'the token has expired, was destroyed, or its Consul has started again since: log in again';

/** What to do about it, after what failed. */
export const consulRemedies: Readonly<Record<ConsulUnavailability, string>> = {
  acl_disabled: 'start the agent with "acl { enabled = true }"',
  no_leader: 'wait until its servers have elected one',
};

/** Whether Consul says that it has no ACLs, or no leader. */
export function consulUnavailability(words: string): ConsulUnavailability | undefined {
  if (/ACL support disabled/i.test(words)) return 'acl_disabled';
  return /no cluster leader/i.test(words) ? 'no_leader' : undefined;
}
