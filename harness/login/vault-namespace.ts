import type { HttpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import { unsupportedByServer } from '../api/vault-capabilities.js';

/**
 * A client whose requests are within a namespace.
 * @param namespace without slashes at its ends
 * @throws VaultproofError `unsupported_by_server` where the server has none: a community Vault would take the request for one
 * to its root namespace
 * @see https://developer.hashicorp.com/vault/docs/enterprise/namespaces#usage
 */
export async function clientInNamespace(http: HttpClient, namespace: string): Promise<HttpClient> {
  const { body } = await http.request('GET', '/v1/sys/health?standbyok=true&perfstandbyok=true');
  const { version, enterprise } = isRecord(body) ? body : {};
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
