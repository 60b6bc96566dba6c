import { asSentence, dialect, onlyMethod, refuse } from '../http/refusals.js';
import { jsonBody, requiredText } from '../http/request-body.js';
import type { SigningKey } from '../keys/signing-key.js';
import type { Dialect } from '../start-issuer.js';

const LIFETIME_SECONDS = 3_600;

/** What the dialect of {@link getTokenDialect} needs. */
export interface GetTokenOptions {
  /** The key of a user; undefined for an unknown one. The id comes from outside and may be anything. */
  readonly keyFor: (id: string) => Promise<SigningKey | undefined> | SigningKey | undefined;
}

/**
 * A small Flask issuer's dialect, in which every user signs with a key of his own: `POST /get_token` takes
 * `{"id": "kan_soki", "aud": "damage_inc"}` under any Content-Type and answers `{"token": "..."}`, with the claims sub,
 * aud, iss, iat, nbf and exp, an hour later. Refusals are `{"error": "..."}`: 404 for an unknown user.
 *
 * @example
 * const { key } = await readKey('keys', 'ci-1');
 * await using issuer = await startIssuer({ dialects: [getTokenDialect({ keyFor: () => key })] });
 */
export function getTokenDialect({ keyFor }: GetTokenOptions): Dialect {
  return (issuer) => {
    const app = dialect(asSentence);
    app.all('/get_token', onlyMethod('POST'), async (context) => {
      const body = await jsonBody(context);
      const sub = requiredText(body, 'id');
      const aud = requiredText(body, 'aud');
      const key = (await keyFor(sub)) ?? refuse(404, 'not_found', 'there is no key for this id');
      const iat = issuer.clock.now();
      const claims = { sub, aud, iss: issuer.url, iat, nbf: iat, exp: iat + LIFETIME_SECONDS, jti: null };
      return context.json({ token: await issuer.sign(claims, { key }) }, 200, { 'Cache-Control': 'no-store' });
    });
    return app;
  };
}
