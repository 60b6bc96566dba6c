import { generateKeyPair } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { exportJWK, SignJWT } from 'jose';

const KID = 'by-hand';

/** A key, its key set over node:http, and tokens signed with it. */
export interface IssuerByHand {
  readonly url: string;
  readonly jwksUrl: string;
  sign(claims: { readonly sub: string; readonly aud: string }): Promise<string>;
  stop(): Promise<void>;
}

/** Generates a P-256 key and publishes it on a free port of loopback. */
export async function startIssuerByHand(): Promise<IssuerByHand> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const keys = [{ ...(await exportJWK(publicKey)), kid: KID, use: 'sig', alg: 'ES256' }];
  const keySet = JSON.stringify({ keys });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(keySet);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    jwksUrl: `${url}/jwks.json`,
    sign: (claims) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: KID, typ: 'JWT' })
        .setIssuer(url)
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey),
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
