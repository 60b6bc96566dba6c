import { Hono } from 'hono';
import type { JWK } from 'jose';

/** What the public routes publish, asked for at each request. */
export interface PublishedIssuer {
  /** The issuer's URL without a slash at its end, which is the `iss` of its tokens. */
  readonly url: string;
  /** The public keys, in a stable order. */
  readonly keys: readonly Readonly<JWK>[];
}

/** Where the key set is, behind the issuer's URL. */
export const JWKS_PATH = '/.well-known/jwks.json';
const DISCOVERY_PATH = '/.well-known/openid-configuration';
const JWKS_TYPE = 'application/jwk-set+json';

/**
 * The key set and the discovery document: everything that a verifier needs, nothing that mints.
 * Never cached, so that a change of keys shows at once.
 * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
 */
export function publicRoutes(published: () => PublishedIssuer): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('Cache-Control', 'no-store');
  });
  app.get(JWKS_PATH, (context) => context.json({ keys: published().keys }, 200, { 'Content-Type': JWKS_TYPE }));
  app.get(DISCOVERY_PATH, (context) => {
    const { url, keys } = published();
    return context.json({
      issuer: url,
      jwks_uri: `${url}${JWKS_PATH}`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [...new Set(keys.map(({ alg }) => alg))],
    });
  });
  for (const path of [JWKS_PATH, DISCOVERY_PATH]) {
    app.all(path, (context) => context.text('method not allowed', 405, { Allow: 'GET, HEAD' }));
  }
  return app;
}
