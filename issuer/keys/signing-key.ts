import { createPublicKey, generateKeyPair as generateKeyPairCallback, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { exportJWK } from 'jose/key/export';
import { UsageError } from '../../errors/index.js';
import { refuseUnknownOptions } from '../../internal/known-options.js';
import { printedAs } from '../../internal/printable.js';
import {
  algorithmsFor,
  curves,
  isSigningAlgorithm,
  type SigningAlgorithm,
  signingAlgorithms,
  signWith,
} from './algorithms.js';

const generateKeyPair = promisify(generateKeyPairCallback);

const UNAUTHENTICATED = 'unauthenticated.';
/** As long as a thumbprint. */
const KID_BYTES = 32;

/** What signs tokens: a key at hand, or one that never leaves another server. */
export interface SigningKey {
  readonly alg: SigningAlgorithm;
  /** The header parameter `kid`; by default the RFC 7638 SHA-256 thumbprint of the public key, base64url. */
  readonly kid: string;
  /** The public key as it is published: kty, kid, use, alg and the key's own members, none of them private. */
  readonly publicJwk: Readonly<JWK>;
  /** The private key; absent where it lives elsewhere. */
  readonly privateKey?: KeyObject;
  /** The raw signature of bytes, as JWS has it. */
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** What a key is given, instead of what follows from it. */
export interface KeyOptions {
  /** Default the usual algorithm of the key's type: RS256, ES256/384/512, EdDSA. */
  readonly alg?: SigningAlgorithm | undefined;
  /** Default the RFC 7638 thumbprint. */
  readonly kid?: string | undefined;
}

/**
 * Generates a key: RSA of 2048 bits, P-256, P-384, P-521 or Ed25519, without blocking the event loop.
 * @see https://www.rfc-editor.org/rfc/rfc7638 for the kid
 * @example
 * const key = await generateSigningKey('RS256', { kid: 'ci-1' });
 */
export async function generateSigningKey(
  alg: SigningAlgorithm = 'ES256',
  options: Pick<KeyOptions, 'kid'> & { readonly modulusLength?: number } = {},
): Promise<SigningKey> {
  if (!isSigningAlgorithm(alg)) {
    throw new UsageError(`"alg" must be one of ${signingAlgorithms.join(', ')}, not "${String(alg)}"`);
  }
  refuseUnknownOptions('generateSigningKey', options, { kid: true, modulusLength: true });
  const { modulusLength = 2048, kid } = options;
  if (modulusLength < 2048) throw new UsageError(`"modulusLength" must be 2048 or more, not ${modulusLength}`);
  const { privateKey } =
    alg === 'EdDSA'
      ? await generateKeyPair('ed25519')
      : alg.startsWith('ES')
        ? await generateKeyPair('ec', { namedCurve: curves[alg as keyof typeof curves] })
        : await generateKeyPair('rsa', { modulusLength });
  return signingKey(privateKey, { alg, kid });
}

/**
 * Makes a signing key of a private key.
 * @throws TypeError when the key is too weak, of an unknown kind, or can't sign with the algorithm that is asked for
 * @example
 * const key = await signingKey(createPrivateKey(await readFile('key.pem', 'utf8')));
 */
export async function signingKey(privateKey: KeyObject, options: KeyOptions = {}): Promise<SigningKey> {
  refuseUnknownOptions('signingKey', options, { alg: true, kid: true });
  const possible = algorithmsFor(privateKey);
  const { alg = possible[0] } = options;
  if (!possible.includes(alg)) {
    throw new UsageError(`this key can't sign with "${alg}": use ${possible.join(', ')}`);
  }
  const jwk = await exportJWK(createPublicKey(privateKey));
  const kid = options.kid ?? (await calculateJwkThumbprint(jwk));
  const key: SigningKey = {
    alg,
    kid,
    privateKey,
    publicJwk: { ...jwk, kid, use: 'sig', alg },
    sign: (data) => signWith(alg, privateKey, data),
  };
  return printedAs(key, () => `SigningKey(${alg}, ${kid})`, ['privateKey']);
}

/**
 * A key whose public half alone is at hand: it can be published, and `sign` throws a TypeError.
 * @throws TypeError when the key is too weak, of an unknown kind, or can't verify what is signed with `alg`
 * @example
 * const key = await verifyingKey(createPublicKey(await readFile('public.pem', 'utf8')), { kid: 'ci-1' });
 */
export async function verifyingKey(publicKey: KeyObject, options: KeyOptions = {}): Promise<SigningKey> {
  const possible = algorithmsFor(publicKey);
  const { alg = possible[0] } = options;
  if (!possible.includes(alg)) {
    throw new UsageError(`this key can't verify "${alg}": use ${possible.join(', ')}`);
  }
  const jwk = await exportJWK(publicKey);
  const kid = options.kid ?? (await calculateJwkThumbprint(jwk));
  return publicHalfOf({ alg, kid, publicJwk: { ...jwk, kid, use: 'sig', alg } });
}

/** The same key without its private half: `sign` throws a TypeError. */
export function publicHalfOf({ alg, kid, publicJwk }: Pick<SigningKey, 'alg' | 'kid' | 'publicJwk'>): SigningKey {
  const sign = (): never => {
    throw new UsageError(`the key "${kid}" is a public key, which can't sign: give the private key`);
  };
  return { alg, kid, publicJwk, sign };
}

/**
 * A key for tokens that were issued without a password, where other tokens need one. Its kid says so:
 * `unauthenticated.` and a random name. A token can name another key in its header, and then fits none.
 */
export function unauthenticatedKey(alg: SigningAlgorithm): Promise<SigningKey> {
  return generateSigningKey(alg, { kid: UNAUTHENTICATED + randomBytes(KID_BYTES).toString('base64url') });
}

/** Whether a key is of that kind: it says nothing of who logged in. */
export function isUnauthenticated({ kid }: Pick<SigningKey, 'kid'>): boolean {
  return kid.startsWith(UNAUTHENTICATED);
}
