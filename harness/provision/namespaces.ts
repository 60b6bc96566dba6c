import { explained } from './requests.js';
import type { ServerRequest } from './resource-type.js';

/**
 * Requests as they are sent within a namespace, which Vault takes as the beginning of a path, too.
 * @param namespace without slashes at its ends; nothing for the namespace that the requests are sent to anyway
 * @see https://developer.hashicorp.com/vault/docs/enterprise/namespaces#usage
 */
export function requestInNamespace(request: ServerRequest, namespace: unknown): ServerRequest {
  if (typeof namespace !== 'string' || namespace === '') return request;
  return (method, path, json) =>
    explained(request(method, `${namespace}/${path}`, json), (message) =>
      /no handler for route/.test(message) ? `see whether there is a namespace "${namespace}"` : undefined,
    );
}
