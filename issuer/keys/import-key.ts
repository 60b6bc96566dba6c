import { createPrivateKey, createPublicKey, type JsonWebKeyInput, type KeyObject, X509Certificate } from 'node:crypto';
import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../is-record.js';
import { type KeyOptions, type SigningKey, signingKey } from './signing-key.js';

/**
 * Reads a private key: PEM as openssl writes it (PKCS1, SEC1, PKCS8; EC parameters before it are passed over) or a JWK,
 * whose own `kid` and `alg` count unless told otherwise.
 * @throws VaultproofError `key_invalid` for what is no private key, is cut off, or is encrypted
 * @throws TypeError for a key that is too weak, or that can't sign with the algorithm that is asked for
 */
export async function importSigningKey(text: string, options: KeyOptions = {}): Promise<SigningKey> {
  const jwk = asJwk(text);
  if (jwk) {
    const own = {
      ...(jwk['alg'] ? { alg: jwk['alg'] } : {}),
      ...(jwk['kid'] ? { kid: jwk['kid'] } : {}),
    } as KeyOptions;
    return signingKey(
      parse('jwk', () => createPrivateKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput)),
      { ...own, ...options },
    );
  }
  return signingKey(privateKeyFromPem(text), options);
}

/**
 * Reads a public key: SPKI or PKCS1 PEM, a certificate, or a JWK. The public half of a private key will do.
 * @throws VaultproofError `key_invalid`
 */
export function importPublicKey(text: string): KeyObject {
  const jwk = asJwk(text);
  if (jwk) return parse('jwk', () => createPublicKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput));
  if (/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(text)) {
    return parse('certificate', () => new X509Certificate(text).publicKey);
  }
  return parse('PEM', () => createPublicKey(withoutParameters(text)));
}

function privateKeyFromPem(text: string): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw new VaultproofError('key_invalid', 'the key is encrypted: decrypt it with "openssl pkey" first');
  }
  return parse('PEM', () => createPrivateKey(withoutParameters(text)));
}

/** `openssl ecparam -genkey` writes the curve's parameters before the key. */
function withoutParameters(text: string): string {
  return text.replace(/-----BEGIN EC PARAMETERS-----[\s\S]*?-----END EC PARAMETERS-----\s*/g, '');
}

function asJwk(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  const jwk: unknown = parse('jwk', () => JSON.parse(text));
  if (!isRecord(jwk)) throw new VaultproofError('key_invalid', 'a jwk must be an object');
  const keys = jwk['keys'];
  return Array.isArray(keys) && isRecord(keys[0]) ? keys[0] : jwk;
}

function parse<Result>(kind: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    // What OpenSSL says holds no part of the key; what JSON.parse says quotes its input.
    const reason =
      cause instanceof SyntaxError ? 'it is not JSON' : cause instanceof Error ? cause.message : String(cause);
    throw new VaultproofError('key_invalid', `this is no key in the form of a ${kind}: ${reason}`);
  }
}
