import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Environment } from 'vaultproof';

/** A provider whose `iss` ends in a slash, as Auth0's does, with the keys of an environment's issuer. */
export interface SlashedProvider extends AsyncDisposable {
  /** Its `iss`, as Consul reaches it. */
  readonly url: string;
}

/** Serves the discovery document of one to an environment's Consul. */
export async function startSlashedProvider({ consul, issuer }: Environment): Promise<SlashedProvider> {
  const server = createServer((request, response) => {
    const isThere = request.url === '/.well-known/openid-configuration';
    response.writeHead(isThere ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ issuer: url, jwks_uri: issuer.jwksUrlFor(consul) }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, consul.hostAddress ?? '127.0.0.1', resolve);
  });
  const url = `http://${consul.hostName}:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
