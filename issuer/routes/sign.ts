import { VaultproofError } from '../../errors/index.js';
import { checkedBody } from '../http/checked-body.js';
import { dialect, onlyMethod, onlyType, refuse } from '../http/dialect.js';
import type { Issuer } from '../issuer.js';
import type { SigningKey } from '../keys/signing-key.js';
import type { Dialect } from '../start-issuer.js';
import { fillClaimsTemplate } from '../tokens/claims-template.js';
import { signCompact } from '../tokens/compact.js';
import type { SignRequest } from './sign-request.js';

/**
 * Any token: `POST /sign` takes JSON and answers `{"token": "..."}`. `claims` may have placeholders (see
 * {@link ClaimsTemplate}) and is completed as `sign()` does, `payload` is a text that is signed as it is; `header` adds
 * to the header; `kid` or `alg` says which of the issuer's keys signs, in whatever state it is; `hostile` breaks one
 * thing of the token that the claims would make, by a name of docs/hostile-tokens.md.
 */
export function signDialect(): Dialect {
  return (issuer) => {
    const app = dialect();
    app.all('/sign', onlyMethod('POST'), onlyType('application/json'), async (context) => {
      // It brings zod, which an issuer that is never asked for this needn't load.
      const { signRequest } = await import('./sign-request.js');
      const token = await sign(issuer, await checkedBody(context, signRequest));
      return context.json({ token }, 200, { 'Cache-Control': 'no-store' });
    });
    return app;
  };
}

async function sign(issuer: Issuer, request: SignRequest): Promise<string> {
  const { claims = {}, payload, header = {}, hostile } = request;
  const key = keyOf(issuer, request);
  if (payload !== undefined) return signCompact(key, payload, header);
  const asked = { aud: null, ...fillClaimsTemplate(claims, { claims, issuer: issuer.url, now: issuer.clock.now() }) };
  // sign() checks that the "sub" is one.
  const told = asked as typeof asked & { readonly sub: string };
  if (hostile === undefined) return issuer.sign(told, { key, header });
  const { hostileTokens } = await import('../hostile/catalogue.js');
  const found = hostileTokens.find(({ name }) => name === hostile);
  if (!found) return refuse(400, 'invalid_request', 'there is no hostile token of this name');
  return found.make(issuer, told);
}

function keyOf({ keys }: Issuer, { kid, alg }: SignRequest): SigningKey {
  if (kid !== undefined) {
    const entry = keys.list().findLast(({ key }) => key.kid === kid);
    return entry?.key ?? refuse(400, 'unknown_kid', 'the issuer has no key of this kid');
  }
  try {
    return keys.active(alg);
  } catch (error) {
    if (error instanceof VaultproofError) return refuse(400, error.code, error.message);
    throw error;
  }
}
