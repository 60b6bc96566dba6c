import { VaultproofError } from '../../errors/index.js';
import { dialect, onlyMethod, onlyType, refuse } from '../http/refusals.js';
import { checkedBody } from '../http/request-body.js';
import { createIssuer, type Issuer } from '../issuer.js';
import type { SigningAlgorithm } from '../keys/algorithms.js';
import type { KeyRing } from '../keys/key-ring.js';
import type { SigningKey } from '../keys/signing-key.js';
import { unauthenticatedKey } from '../keys/signing-key.js';
import type { Dialect } from '../start-issuer.js';
import { signCompact } from '../tokens/claims.js';
import { fillClaimsTemplate } from '../tokens/claims-template.js';
import type { SignRequest } from './sign-request.js';

/**
 * Any token: `POST /sign` takes JSON and answers `{"token": "..."}`. `claims` may have placeholders (see
 * {@link ClaimsTemplate}) and is completed as `sign()` does, `payload` is a string that is signed verbatim; `header` adds
 * to the header; `kid` or `alg` says which of the issuer's keys signs, in whatever state it is; `hostile` breaks one
 * thing of the token that the claims would make, by a name of docs/hostile-tokens.md.
 *
 * It takes no password. Beside a login it signs with keys of its own, which are in the key set and which no login's check takes:
 * their kids begin with `unauthenticated.`
 *
 * @example
 * await using issuer = await startIssuer({ dialects: [signDialect()] });
 * const answer = await fetch(`${issuer.url}/sign`, {
 *   method: 'POST',
 *   headers: { 'Content-Type': 'application/json' },
 *   body: JSON.stringify({ claims: { sub: 'app', aud: 'vault' } }),
 * });
 * const { token } = await answer.json();
 */
export function signDialect(): Dialect {
  return (issuer, { users } = { users: undefined }) => {
    const app = dialect();
    const apart = users && keysApart(issuer);
    app.all('/sign', onlyMethod('POST'), onlyType('application/json'), async (context) => {
      // It brings zod, which an issuer that is never asked for this needn't load.
      const { signRequest } = await import('./sign-request.js');
      const request = await checkedBody(context, signRequest);
      const signer = apart ? issuer : await issuer.signerOf(request.claims?.['iss']);
      const token = await sign(signer, apart ?? keysOf(signer), request);
      return context.json({ token }, 200, { 'Cache-Control': 'no-store' });
    });
    return app;
  };
}

async function sign(issuer: Issuer, keyOf: FindKey, request: SignRequest): Promise<string> {
  const { claims = {}, payload, header = {}, hostile } = request;
  const key = await keyOf(request);
  if (payload !== undefined) return signCompact(key, payload, header);
  const asked = { aud: null, ...fillClaimsTemplate(claims, { claims, issuer: issuer.url, now: issuer.clock.now() }) };
  // sign() checks that the "sub" is one.
  const told = asked as typeof asked & { readonly sub: string };
  if (hostile === undefined) return issuer.sign(told, { key, header });
  const { hostileTokens } = await import('../hostile/catalogue.js');
  const found = hostileTokens.find(({ name }) => name === hostile);
  if (!found) return refuse(400, 'invalid_request', 'there is no hostile token of this name');
  // The issuer that it breaks a token of has this key and no other.
  return found.make(await createIssuer(issuer.url, { keys: [key], clock: issuer.clock }), told).catch(refuseCoded);
}

/** The key that a request asks for. */
type FindKey = (request: Pick<SignRequest, 'kid' | 'alg'>) => SigningKey | Promise<SigningKey>;

/** All of an issuer's own. */
function keysOf({ keys }: Issuer): FindKey {
  return ({ kid, alg }) => {
    if (kid === undefined) return activeKey(keys, alg);
    return keys.list().findLast(({ key }) => key.kid === kid)?.key ?? unknownKid();
  };
}

/** Keys that are made when they are asked for, one for each algorithm that the issuer signs with. It publishes them. */
function keysApart({ keys }: Issuer): FindKey {
  const apart = new Map<SigningAlgorithm, Promise<SigningKey>>();
  const make = async (alg: SigningAlgorithm): Promise<SigningKey> => {
    const key = await unauthenticatedKey(alg);
    keys.add(key, { publishAt: 0 });
    return key;
  };
  return async ({ kid, alg: asked }) => {
    if (kid !== undefined) {
      const known = await Promise.all(apart.values());
      return known.find((key) => key.kid === kid) ?? unknownKid();
    }
    const { alg } = activeKey(keys, asked);
    const before = apart.get(alg);
    const key = await before;
    if (key && keys.published().includes(key)) return key;
    // Another request may have come first.
    const made = apart.get(alg);
    if (made && made !== before) return made;
    const next = make(alg);
    apart.set(alg, next);
    return next;
  };
}

function activeKey(keys: KeyRing, alg: SigningAlgorithm | undefined): SigningKey {
  try {
    return keys.active(alg);
  } catch (error) {
    return refuseCoded(error);
  }
}

/** Answers with an error that is about the request and the issuer's public keys alone. */
function refuseCoded(error: unknown): never {
  if (error instanceof VaultproofError) return refuse(400, error.code, error.message);
  throw error;
}

function unknownKid(): never {
  return refuse(400, 'unknown_kid', 'the issuer has no key of this kid');
}
