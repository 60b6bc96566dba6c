import { createRequire } from 'node:module';
import type { client as NodeVaultClient, VaultOptions as NodeVaultOptions } from 'node-vault';
import { VaultproofError } from '../../errors/index.js';
import type { HttpClient } from '../../internal/http-client.js';
import { isRecord } from '../../internal/json.js';
import { printedAs } from '../../internal/printable.js';
import { refuseRedirect, vaultRefusal } from '../api/vault-api.js';
import { bare } from './secret-path.js';
import type { DeniedRequest } from './vault-session-denied.js';

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
  // CommonJS, and slow to load: only who uses it pays for it.
  nodeVault ??= createRequire(import.meta.url)('node-vault') as (options: NodeVaultOptions) => NodeVaultClient;
  const send = async (request: TransportRequest): Promise<unknown> => {
    // Not by URL, which would resolve dots: a path means what it says.
    const path = request.uri.slice(http.address.length);
    const answer = await http.request(request.method, path, {
      headers: request.headers,
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

/** Runs a request, and says why where Vault denied it. */
type Tried = <Result>(request: DeniedRequest, attempt: () => Promise<Result>) => Promise<Result>;

const OPERATIONS: Readonly<Record<string, DeniedRequest['operations']>> = {
  ...{ GET: ['read'], LIST: ['list'], PATCH: ['patch'], DELETE: ['delete'] },
  ...{ POST: ['create', 'update'], PUT: ['create', 'update'] },
};

/** A client whose errors say why Vault denied a request, beside what node-vault has in them. */
export function explainedClient(client: NodeVaultClient, http: HttpClient, tried: Tried): NodeVaultClient {
  const send = client.request.bind(client);
  client.request = async (request) => {
    try {
      return await send(request);
    } catch (error) {
      const {
        method = 'GET',
        path = '',
        json,
      } = Object(request) as Partial<Record<'method' | 'path', string>> & { json?: unknown };
      const operations = OPERATIONS[method.toUpperCase()];
      if (!(error instanceof Error) || !('response' in error) || operations === undefined) throw error;
      const { status, body } = answerOf(error);
      const denied = {
        path: bare(path.replace(/\?.*$/s, '')),
        isSecret: false,
        operations,
        data: isRecord(json) ? json : undefined,
      };
      const refusal = vaultRefusal(http, method, denied.path, status, body);
      const explained = await tried(denied, () => Promise.reject(refusal)).catch((why: unknown) => why);
      if (explained !== refusal && explained instanceof VaultproofError) {
        Object.assign(error, { message: `${error.message}; ${explained.message}`, details: explained.details });
      }
      throw error;
    }
  };
  return client;
}

/** The answer inside node-vault's error; any other error is thrown again. */
export function answerOf(error: unknown): { status: number; body: unknown } {
  if (error instanceof Error && 'response' in error && isRecord(error.response)) {
    return { status: Number(error.response['statusCode']), body: error.response['body'] };
  }
  throw error;
}
