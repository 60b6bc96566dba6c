import { createRequire } from 'node:module';
import type { client as NodeVaultClient, VaultOptions as NodeVaultOptions } from 'node-vault';
import type { HttpClient } from '../../internal/http-client.js';
import { printedAs } from '../../internal/printed-as.js';
import { refuseRedirect } from './vault-api.js';

export type { NodeVaultClient };

interface TransportRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

let nodeVault: ((options: NodeVaultOptions) => NodeVaultClient) | undefined;

/**
 * A node-vault client that talks to one server with one token, whatever VAULT_ADDR, VAULT_TOKEN, VAULT_NAMESPACE,
 * VAULT_PREFIX, HTTP_PROXY and DEBUG say: node-vault itself falls back to the first four, its own transport honours
 * proxies and follows redirects, and under DEBUG it prints request bodies.
 */
export function nodeVaultClient(http: HttpClient, token: string | undefined): NodeVaultClient {
  // CommonJS, and slow to load: only who logs in pays for it.
  nodeVault ??= createRequire(import.meta.url)('node-vault') as (options: NodeVaultOptions) => NodeVaultClient;
  const send = async (request: TransportRequest): Promise<unknown> => {
    // Not by URL, which would resolve dots: a path means what it says.
    const path = request.uri.slice(http.address.length);
    const answer = await http.request(request.method, path, {
      ...(request.headers === undefined ? {} : { headers: request.headers }),
      ...(typeof request.json === 'object' ? { json: request.json } : {}),
    });
    refuseRedirect(http, request.method, path.replace('/v1/', ''), answer);
    return { statusCode: answer.status, body: answer.body, request: { path } };
  };
  const client = nodeVault({
    endpoint: http.address,
    'request-promise': { defaults: () => send },
    debug: () => {},
  } as NodeVaultOptions);
  Object.assign(client, { token, namespace: undefined, pathPrefix: '' });
  return printedAs(client, () => `NodeVaultClient(${http.address})`, ['token']);
}
