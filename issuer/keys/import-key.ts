import {
  createPrivateKey,
  createPublicKey,
  type JsonWebKeyInput,
  type KeyObject,
  sign,
  verify,
  X509Certificate,
} from 'node:crypto';
import { VaultproofError } from '../../errors/index.js';
import { isRecord, membersOf } from '../../internal/json.js';
import { isCutOff, pemBlocks, pemMistake } from './pem.js';
import { type KeyOptions, type SigningKey, signingKey } from './signing-key.js';

/** A key as JSON (RFC 7517), nothing of it checked. */
export type Jwk = Readonly<Record<string, unknown>>;

/**
 * Reads a private key: PEM as openssl writes it (PKCS1, SEC1, PKCS8; EC parameters before it are passed over) or a JWK,
 * alone or as the only one of a key set that signs. Its own `kid` and `alg` count by default.
 * @throws VaultproofError `key_invalid` for what is no private key, is cut off or encrypted, has a public half that
 * belongs to another, or is a key set with several keys that sign
 * @throws TypeError for a key that is too weak, or that can't sign with the algorithm that is asked for
 * @example
 * const key = await importSigningKey(await readFile('key.pem', 'utf8'), { alg: 'PS256' });
 */
export async function importSigningKey(text: string, options: KeyOptions = {}): Promise<SigningKey> {
  const jwk = onlyJwk(text);
  const privateKey = jwk ? privateKeyFromJwk(jwk) : privateKeyFromPem(text);
  const own = jwk ? ownOptions(jwk) : {};
  const key = await signingKey(privateKey, { alg: options.alg ?? own.alg, kid: options.kid ?? own.kid });
  if (!signsForItself(privateKey)) throw mismatched();
  return key;
}

/**
 * Reads a public key: SPKI or PKCS1 PEM, a certificate, or a JWK, alone or as the only one of a key set that signs. The
 * public half of a private key will do. `importPublicKeys` reads several.
 * @throws VaultproofError `key_invalid`, also for a key set with several keys that sign
 * @example
 * const key = await verifyingKey(importPublicKey(await readFile('public.pem', 'utf8')));
 */
export function importPublicKey(text: string): KeyObject {
  const jwk = onlyJwk(text);
  return jwk ? publicKeyFromJwk(jwk) : publicKeyFromPem(text);
}

/** Whether two keys, private or public, have the same public half. */
export function isSameKey(one: KeyObject, other: KeyObject): boolean {
  return spki(one).equals(spki(other));
}

function spki(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'der' });
}

function privateKeyFromJwk(jwk: Jwk): KeyObject {
  if (jwk['d'] === undefined) throw new VaultproofError('key_invalid', 'the jwk has no "d": give a private key');
  const privateKey = parse('jwk', () => createPrivateKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput));
  if (!isSameKey(privateKey, publicKeyFromJwk(jwk))) throw mismatched();
  return privateKey;
}

/** @throws VaultproofError `key_invalid` */
export function publicKeyFromJwk({ kty, crv, x, y, n, e }: Jwk): KeyObject {
  // With "d" there, Node 24 makes the public half of that, and never looks at "x".
  const key = { kty, crv, x, y, n, e };
  return parse('jwk', () => createPublicKey({ key, format: 'jwk' } as JsonWebKeyInput));
}

function ownOptions({ alg, kid }: Jwk): KeyOptions {
  return {
    alg: typeof alg === 'string' ? (alg as KeyOptions['alg']) : undefined,
    kid: typeof kid === 'string' && kid !== '' ? kid : undefined,
  };
}

/** OpenSSL believes a key file that says which public key belongs to its private one. */
function signsForItself(privateKey: KeyObject): boolean {
  const hash = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const probe = Buffer.from('vaultproof');
  try {
    return verify(hash, probe, createPublicKey(privateKey), sign(hash, probe, privateKey));
  } catch {
    return false;
  }
}

function mismatched(): VaultproofError {
  return new VaultproofError(
    'key_invalid',
    'the private and the public half of the key do not belong together: export both again',
  );
}

function privateKeyFromPem(text: string): KeyObject {
  refuseCutOff(text);
  return parse('PEM', () => createPrivateKey(withoutParameters(text)), pemMistake(text, 'private'));
}

/** @throws VaultproofError `key_invalid` */
export function publicKeyFromPem(text: string): KeyObject {
  refuseCutOff(text);
  const mistake = pemMistake(text, 'public');
  if (/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(text)) {
    return parse('certificate', () => new X509Certificate(text).publicKey, mistake);
  }
  return parse('PEM', () => createPublicKey(withoutParameters(text)), mistake);
}

function refuseCutOff(text: string): void {
  if (isCutOff(text))
    throw new VaultproofError('key_invalid', 'the key is cut off, its last line is missing: copy all of it');
}

/** `openssl ecparam -genkey` writes the curve's parameters before the key. */
export function withoutParameters(text: string): string {
  const parameters = pemBlocks(text).filter(({ label }) => label === 'EC PARAMETERS');
  const ends = [0, ...parameters.map(({ to }) => to)];
  const between = ends.map((end, at) => text.slice(end, parameters[at]?.from));
  return between.map((part, at) => (at === 0 ? part : part.trimStart())).join('');
}

/**
 * The keys of a key set, or the one JWK that a text is.
 * @returns undefined for a text that is no JSON object
 * @throws VaultproofError `key_invalid` for half an object
 */
export function jwksIn(text: string): readonly unknown[] | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  const jwk = parse('jwk', () => JSON.parse(text.trim())) as Jwk;
  return Array.isArray(jwk['keys']) ? jwk['keys'] : [jwk];
}

/** Why a JWK says itself that it verifies no signature here; undefined where it says nothing of the kind. */
export function notForSignatures({ use = 'sig', alg, key_ops: operations }: Jwk): string | undefined {
  if (use !== 'sig') return use === 'enc' ? 'it is for encryption' : 'its "use" is not "sig"';
  if (Array.isArray(operations) && !operations.some((operation) => operation === 'verify' || operation === 'sign')) {
    return 'its "key_ops" have neither "verify" nor "sign"';
  }
  if (typeof alg === 'string' && /^(?:RSA|ECDH|A\d|dir$|PBES2)/.test(alg)) return 'it is for encryption';
  return undefined;
}

function onlyJwk(text: string): Jwk | undefined {
  const jwks = jwksIn(text);
  if (!jwks) return undefined;
  const [first, second] = jwks.length === 1 ? jwks : jwks.filter((jwk) => isRecord(jwk) && !notForSignatures(jwk));
  if (second !== undefined) {
    throw new VaultproofError('key_invalid', 'the key set has several keys, and one was expected: give one of them');
  }
  return membersOf(first);
}

function parse<Result>(kind: string, read: () => Result, mistake?: string): Result {
  try {
    return read();
  } catch (cause) {
    const reason = mistake ?? `this is not a valid ${kind} key: ${reasonOf(cause)}`;
    throw new VaultproofError('key_invalid', reason);
  }
}

/** In our words: what JSON.parse, Node and OpenSSL say quotes their input, or says nothing to people. */
function reasonOf(cause: unknown): string {
  if (cause instanceof SyntaxError) return 'it is not JSON';
  const { code } = cause as NodeJS.ErrnoException;
  return /^ERR_OSSL_/.test(code ?? '') ? 'it does not contain a key of a known type' : 'a member is missing or invalid';
}
