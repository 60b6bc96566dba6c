import type { ServerRequest } from './resource-type.js';

/**
 * Makes of a Consul's own requests those that resources are applied with.
 * @param request sends one with the management token, without `/v1/` in the path, and throws what consulCall throws
 * @returns the function; it gives the answer's body, a list by its indexes, and empty where it is neither
 * @see https://developer.hashicorp.com/consul/api-docs
 */
export function consulRequest(
  request: (method: string, path: string, json?: unknown) => Promise<unknown>,
): ServerRequest {
  return async (method, path, json) => {
    const body = await request(method, path, json);
    return typeof body === 'object' ? { ...body } : {};
  };
}
