import { asSentence, dialect, onlyMethod, onlyType } from '../http/refusals.js';
import { jsonBody, requiredText } from '../http/request-body.js';
import type { Dialect } from '../start-issuer.js';

const LIFETIME_SECONDS = 3_600;

/**
 * A small Rust issuer's dialect: `POST /auth/token` takes `{"name": "vishpat"}` as JSON and answers with the token as
 * plain text, signed with ES256, with the claims sub, iat and exp, an hour later, and no other. `GET /auth/jwks` has the
 * ES256 keys alone, the one that signs first, since clients take `keys[0]`. Refusals are `{"error": "..."}`.
 *
 * @example
 * await using issuer = await startIssuer({ dialects: [authTokenDialect()] });
 */
export function authTokenDialect(): Dialect {
  return (issuer) => {
    const app = dialect(asSentence);
    app.all('/auth/token', onlyMethod('POST'), onlyType('application/json'), async (context) => {
      const sub = requiredText(await jsonBody(context), 'name');
      const iat = issuer.clock.now();
      const claims = { sub, iat, exp: iat + LIFETIME_SECONDS, aud: null, iss: null, jti: null };
      return context.text(await issuer.sign(claims, { alg: 'ES256' }), 200, { 'Cache-Control': 'no-store' });
    });
    app.all('/auth/jwks', onlyMethod('GET', 'HEAD'), (context) => {
      const managed = issuer.keys.list().filter(({ key }) => key.alg === 'ES256');
      const signing = managed.filter(({ state }) => state === 'active');
      const others = managed.filter(({ state }) => state === 'published' || state === 'overlapping');
      const keys = [...signing, ...others].map(({ key }) => key.publicJwk);
      return context.json({ keys }, 200, { 'Cache-Control': 'no-store' });
    });
    return app;
  };
}
