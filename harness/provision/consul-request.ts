import { consulCall } from '../api/consul-api.js';
import { httpClient } from '../api/http-client.js';
import { isRecord } from '../api/vault-api.js';
import type { ServerRequest } from './resource-type.js';

/**
 * Sends requests to one Consul's HTTP API with its token.
 * @returns the function; it gives the answer's body, empty where that is no object, and throws what consulCall throws
 * @see https://developer.hashicorp.com/consul/api-docs
 */
export function consulRequest(server: { readonly address: string; readonly token: string }): ServerRequest {
  const client = httpClient(server.address);
  return async (method, path, json) => {
    const body = await consulCall(client, server.token, method, path, json === undefined ? {} : { json });
    return isRecord(body) ? body : {};
  };
}
