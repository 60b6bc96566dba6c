import { Hono } from 'hono';
import type { Issuer } from '../issuer.js';

export const JWKS_PATH = '/.well-known/jwks.json';
export const DISCOVERY_PATH = '/.well-known/openid-configuration';
const OAUTH_METADATA_PATH = '/.well-known/oauth-authorization-server';
const JWKS_TYPE = 'application/jwk-set+json';

/**
 * The key set and the discovery documents: everything that a verifier needs, nothing that mints. Never cached, so that
 * a change of keys shows at once.
 * @param issuers by the path of their URLs, '' for the server's own
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3 which has the issuer's path behind the well-known one
 */
export function publicRoutes(issuers: ReadonlyMap<string, Issuer>): Hono {
  const app = new Hono();
  const documents = new Map<string, (issuer: Issuer) => Response>([
    [JWKS_PATH, keySet],
    [DISCOVERY_PATH, metadata],
  ]);
  app.all('*', async (context, next) => {
    const { path, method } = context.req;
    const found = find(path);
    if (!found) return next();
    if (method !== 'GET' && method !== 'HEAD') return context.text('method not allowed', 405, { Allow: 'GET, HEAD' });
    return found.document(found.issuer);
  });
  return app;

  function find(path: string): { issuer: Issuer; document: (issuer: Issuer) => Response } | undefined {
    for (const [suffix, document] of documents) {
      const issuer = path.endsWith(suffix) ? issuers.get(path.slice(0, -suffix.length)) : undefined;
      if (issuer) return { issuer, document };
    }
    const issuer = path.startsWith(OAUTH_METADATA_PATH) && issuers.get(path.slice(OAUTH_METADATA_PATH.length));
    return issuer ? { issuer, document: metadata } : undefined;
  }
}

function keySet({ keys }: Issuer): Response {
  return json({ keys: keys.published().map(({ publicJwk }) => publicJwk) }, JWKS_TYPE);
}

function metadata({ url, keys }: Issuer): Response {
  return json({
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}${JWKS_PATH}`,
    grant_types_supported: ['client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(keys.published().map(({ alg }) => alg))],
  });
}

function json(document: object, type: string = 'application/json'): Response {
  return new Response(JSON.stringify(document), { headers: { 'Content-Type': type, 'Cache-Control': 'no-store' } });
}
