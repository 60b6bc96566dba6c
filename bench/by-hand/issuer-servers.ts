import { generateKeyPair, type KeyObject, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';

/** The algorithms that are measured. */
export type MeasuredAlgorithm = 'ES256' | 'RS256';

/** A new private key: P-256, or RSA of 2048 bits. */
export async function newPrivateKey(alg: MeasuredAlgorithm): Promise<KeyObject> {
  const generate = promisify(generateKeyPair);
  const { privateKey } =
    alg === 'ES256' ? await generate('ec', { namedCurve: 'P-256' }) : await generate('rsa', { modulusLength: 2048 });
  return privateKey;
}

/** The least that one can write around jose: the same header and claims as vaultproof's tokens. */
export function signByHand(alg: MeasuredAlgorithm, key: KeyObject, iss: string, sub: string): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss, sub, aud: iss, iat, exp: iat + 300, jti: randomUUID() })
    .setProtectedHeader({ alg, kid: 'by-hand', typ: 'JWT' })
    .sign(key);
}

/** Serves the same bytes again and again. @returns the server's URL */
export function serveBytes(body: string): Promise<string> {
  const headers = {
    'content-type': 'application/jwk-set+json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
  };
  return serve((_request, response) => {
    response.writeHead(200, headers).end(body);
  });
}

/** A token endpoint for client_credentials that checks no more than it must. @returns the server's URL */
export async function serveTokensByHand(alg: MeasuredAlgorithm): Promise<string> {
  const key = await newPrivateKey(alg);
  return serve((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', async () => {
      const form = new URLSearchParams(text);
      const client = form.get('client_id');
      if (request.url !== '/token' || form.get('grant_type') !== 'client_credentials' || client === null) {
        response.writeHead(400).end();
        return;
      }
      const token = await signByHand(alg, key, `http://${request.headers.host}`, client);
      const answer = JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 300 });
      response
        .writeHead(200, {
          'content-type': 'application/json',
          'cache-control': 'no-store',
          'content-length': Buffer.byteLength(answer),
        })
        .end(answer);
    });
  });
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
