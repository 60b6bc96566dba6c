import { VaultproofError } from '../../errors/index.js';
import { isNotFound, type VaultBody } from '../api/vault-api.js';
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

/** Reads what may not be there: undefined where the server says that it is not. */
export async function ifThere(answer: Promise<VaultBody>): Promise<VaultBody | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Adds a hint to the message of a refusal, where its own words leave out what to do.
 * @param hintFor what to add to the message; undefined where the words say it all
 * @throws what the answer was rejected with, with the hint in its message
 */
export async function withHint<Answer>(
  answer: Promise<Answer>,
  hintFor: (message: string) => string | undefined,
): Promise<Answer> {
  return answer.catch((cause: unknown) => {
    if (!(cause instanceof VaultproofError)) throw cause;
    const hint = hintFor(cause.message);
    if (hint === undefined) throw cause;
    throw new VaultproofError(cause.code, `${cause.message}; ${hint}`, { details: cause.details, cause });
  });
}

/**
 * Requests as they are sent within a namespace, which Vault takes as the beginning of a path, too.
 * @param namespace without slashes at its ends; nothing for the namespace that the requests are sent to anyway
 * @see https://developer.hashicorp.com/vault/docs/enterprise/namespaces#usage
 */
export function requestInNamespace(request: ServerRequest, namespace: string): ServerRequest {
  if (namespace === '') return request;
  return (method, path, ...more) =>
    withHint(request(method, `${namespace}/${path}`, ...more), (message) =>
      /no handler for route/.test(message) ? `see whether there is a namespace "${namespace}"` : undefined,
    );
}
