import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server fetches from an OpenID provider before it takes a configuration; see {@link startDocumentServer}. */
export interface DocumentServer {
  /** The issuer, and the base of its documents, as the server under test reaches them. */
  readonly url: string;
  stop(): void;
}

/** A public key that nobody has the other half of. */
const KEY = {
  kty: 'EC',
  crv: 'P-256',
  kid: 'document-server',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};

/** Serves a discovery document and a key set, to loopback and to a server in a container. */
export async function startDocumentServer(
  { hostName, hostAddress }: { readonly hostName: string; readonly hostAddress: string | undefined } = {
    hostName: '127.0.0.1',
    hostAddress: undefined,
  },
): Promise<DocumentServer> {
  const server = createServer((request, response) => {
    const documents: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': {
        issuer: url,
        jwks_uri: `${url}/jwks`,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        id_token_signing_alg_values_supported: ['ES256'],
      },
      '/jwks': { keys: [KEY] },
    };
    const document = documents[(request.url ?? '').replace(/\?.*/, '')];
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, hostAddress ?? '127.0.0.1', resolve);
  });
  const url = `http://${hostName}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
