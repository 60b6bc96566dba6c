import { type ErrorCode, VaultproofError } from '../../errors/index.js';
import type { HttpClient, HttpRequest } from './http-client.js';

/** What a request to Consul sends. */
export type ConsulPayload = Pick<HttpRequest, 'json' | 'text'>;

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
  const headers = { 'x-consul-token': token };
  const { status, body } = await client.request(method, `/v1/${path}`, { headers, ...payload });
  if (status >= 300) throw consulRefusal(method, path, status, body);
  return body;
}

const codes: Readonly<Record<number, ErrorCode>> = { 403: 'permission_denied', 413: 'value_too_large' };

/** The error for a refusal of Consul's: method, path, status and Consul's own words, nothing of the request. */
export function consulRefusal(method: string, path: string, status: number, body: unknown): VaultproofError {
  const reason = consulWords(body);
  const unavailable = status === 403 ? undefined : consulUnavailability(reason);
  const remedy = reason === 'ACL not found' ? TOKEN_GONE : unavailable && consulRemedies[unavailable];
  return new VaultproofError(
    unavailable ?? codes[status] ?? 'request_refused',
    `consul answered ${method} "${path}" with ${status}: ${reason || 'no reason given'}${remedy === undefined ? '' : `; ${remedy}`}`,
    { details: { method, path, status, errors: [reason] } },
  );
}

/** Consul's own words in the body of a refusal, which is plain text; empty where there are none. */
export function consulWords(body: unknown): string {
  return typeof body === 'string' ? body.trim() : '';
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
