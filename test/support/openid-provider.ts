import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

type Claims = Readonly<Record<string, unknown>>;

/** An OpenID provider for Vault's OIDC flow, at which no one has to sign in: a test says who does. */
export interface OpenIdProvider {
  /** The issuer, for `oidc_discovery_url`. */
  readonly url: string;
  /**
   * Signs a person in.
   * @param authUrl what `oidc/auth_url` answered
   * @param claims of the ID token; `iss`, `aud` and times are added where they are left out
   * @param userinfo what `/userinfo` says; default nothing, and it answers with 404
   * @returns the query with which the browser comes back to the redirect URI
   */
  signIn(authUrl: string, claims: Claims, userinfo?: Claims): { readonly state: string; readonly code: string };
  stop(): void;
}

/** Serves discovery, keys, codes for ID tokens, and userinfo, on loopback. */
export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const key = { ...(await exportJWK(publicKey)), kid: 'openid-provider', alg: 'RS256', use: 'sig' };
  /** By code, which is the access token, too. */
  const signedIn = new Map<string, { readonly claims: Claims; readonly userinfo: Claims | undefined }>();
  const answer = async (request: IncomingMessage): Promise<unknown> => {
    switch (request.url) {
      case '/.well-known/openid-configuration':
        return {
          issuer: url,
          jwks_uri: `${url}/jwks`,
          authorization_endpoint: `${url}/authorize`,
          token_endpoint: `${url}/token`,
          userinfo_endpoint: `${url}/userinfo`,
        };
      case '/jwks':
        return { keys: [key] };
      case '/token': {
        const code = new URLSearchParams(await text(request)).get('code') ?? '';
        const jwt = new SignJWT({ ...signedIn.get(code)?.claims });
        const id_token = await jwt.setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(privateKey);
        return { access_token: code, token_type: 'Bearer', id_token };
      }
      case '/userinfo':
        return signedIn.get(request.headers.authorization?.replace('Bearer ', '') ?? '')?.userinfo;
      default:
        return undefined;
    }
  };
  const server = createServer(async (request, response) => {
    const body = await answer(request);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    signIn: (authUrl, claims, userinfo) => {
      const { state = '', nonce, client_id: aud } = Object.fromEntries(new URL(authUrl).searchParams);
      const code = `code-${signedIn.size}`;
      const iat = Math.floor(Date.now() / 1000);
      // Where names differ by case alone, the last one counts: those of the claims stay in their order.
      const added = Object.entries({ iss: url, aud, iat, exp: iat + 600, nonce }).filter(([name]) => !(name in claims));
      signedIn.set(code, { claims: { ...Object.fromEntries(added), ...claims }, userinfo });
      return { state, code };
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
