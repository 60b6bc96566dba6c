import { VaultproofError } from '../../errors/index.js';
import { httpClient } from '../api/http-client.js';
import { isRecord } from '../api/vault-api.js';
import type { ServerRequest } from './resource-type.js';

/**
 * Sends requests to one Consul's HTTP API with its token.
 * @returns the function; it gives the answer's body, empty where that is no object, and throws `permission_denied` for
 * 403 and `request_refused` for any other refusal, with Consul's own words, and `request_failed` when there is no answer
 * @see https://developer.hashicorp.com/consul/api-docs
 */
export function consulRequest(server: { readonly address: string; readonly token: string }): ServerRequest {
  const client = httpClient(server.address);
  const headers = { 'x-consul-token': server.token };
  return async (method, path, json) => {
    const { status, body } = await client.request(method, `/v1/${path}`, {
      headers,
      ...(json === undefined ? {} : { json }),
    });
    if (status < 300) return isRecord(body) ? body : {};
    // Consul answers with plain text.
    const reason = typeof body === 'string' ? body.trim() : '';
    throw new VaultproofError(
      status === 403 ? 'permission_denied' : 'request_refused',
      `consul answered ${method} "${path}" with ${status}: ${reason || 'no reason given'}`,
      { details: { method, path, status, errors: [reason] } },
    );
  };
}
