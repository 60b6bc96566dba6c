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
import { isRecord } from '../is-record.js';
import { type KeyOptions, type SigningKey, signingKey } from './signing-key.js';

type Jwk = Readonly<Record<string, unknown>>;

/**
 * Reads a private key: PEM as openssl writes it (PKCS1, SEC1, PKCS8; EC parameters before it are passed over) or a JWK,
 * whose own `kid` and `alg` count unless told otherwise.
 * @throws VaultproofError `key_invalid` for what is no private key, is cut off or encrypted, or has a public half that
 * belongs to another
 * @throws TypeError for a key that is too weak, or that can't sign with the algorithm that is asked for
 */
export async function importSigningKey(text: string, options: KeyOptions = {}): Promise<SigningKey> {
  const jwk = asJwk(text);
  const privateKey = jwk ? privateKeyFromJwk(jwk) : privateKeyFromPem(text);
  const key = await signingKey(privateKey, { ...(jwk ? ownOptions(jwk) : {}), ...options });
  if (!signsForItself(privateKey)) throw mismatched();
  return key;
}

/**
 * Reads a public key: SPKI or PKCS1 PEM, a certificate, or a JWK. The public half of a private key will do.
 * @throws VaultproofError `key_invalid`
 */
export function importPublicKey(text: string): KeyObject {
  const jwk = asJwk(text);
  if (jwk) return publicKeyFromJwk(jwk);
  if (/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(text)) {
    return parse('certificate', () => new X509Certificate(text).publicKey);
  }
  refuseUnreadable(text);
  return parse('PEM', () => createPublicKey(withoutParameters(text)));
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
  if (jwk['d'] === undefined) throw new VaultproofError('key_invalid', 'the jwk has no "d": it is no private key');
  const privateKey = parse('jwk', () => createPrivateKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput));
  if (!isSameKey(privateKey, publicKeyFromJwk(jwk))) throw mismatched();
  return privateKey;
}

/** Of a private key of Ed25519, Node reads "d" and passes "x" over, in either half: it gets the public members alone. */
function publicKeyFromJwk(jwk: Jwk): KeyObject {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, oth: _oth, ...key } = jwk;
  return parse('jwk', () => createPublicKey({ key, format: 'jwk' } as JsonWebKeyInput));
}

function ownOptions({ alg, kid }: Jwk): KeyOptions {
  return {
    ...(typeof alg === 'string' ? { alg: alg as NonNullable<KeyOptions['alg']> } : {}),
    ...(typeof kid === 'string' && kid !== '' ? { kid } : {}),
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
  return new VaultproofError('key_invalid', 'the private and the public half of the key do not belong together');
}

function privateKeyFromPem(text: string): KeyObject {
  refuseUnreadable(text);
  return parse('PEM', () => createPrivateKey(withoutParameters(text)));
}

function refuseUnreadable(pem: string): void {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    throw new VaultproofError('key_invalid', 'the key is encrypted: decrypt it with "openssl pkey" first');
  }
  const begins = pem.match(/-----BEGIN [A-Z0-9 ]+-----/g)?.length ?? 0;
  const ends = pem.match(/-----END [A-Z0-9 ]+-----/g)?.length ?? 0;
  if (begins === 0) throw new VaultproofError('key_invalid', 'this is no key: it is neither a PEM nor a jwk');
  if (ends < begins) throw new VaultproofError('key_invalid', 'the key is cut off: its last line is missing');
}

/** `openssl ecparam -genkey` writes the curve's parameters before the key. */
function withoutParameters(text: string): string {
  return text.replace(/-----BEGIN EC PARAMETERS-----[\s\S]*?-----END EC PARAMETERS-----\s*/g, '');
}

function asJwk(text: string): Jwk | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  const jwk = parse('jwk', () => JSON.parse(text)) as Jwk;
  const keys = jwk['keys'];
  return Array.isArray(keys) && isRecord(keys[0]) ? keys[0] : jwk;
}

function parse<Result>(kind: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw new VaultproofError('key_invalid', `this is no key in the form of a ${kind}: ${reasonOf(cause)}`);
  }
}

/** What OpenSSL says holds no part of the key; what JSON.parse and Node's own checks say may quote their input. */
function reasonOf(cause: unknown): string {
  if (cause instanceof SyntaxError) return 'it is not JSON';
  const { code, message } = cause as NodeJS.ErrnoException;
  return /^ERR_OSSL_/.test(code ?? '') ? message : 'a member is missing or has a value that it can not have';
}
