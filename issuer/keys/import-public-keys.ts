import { type KeyObject, X509Certificate } from 'node:crypto';
import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { algorithmsFor, isSigningAlgorithm } from './algorithms.js';
import {
  isSameKey,
  type Jwk,
  jwksIn,
  notForSignatures,
  publicKeyFromJwk,
  publicKeyFromPem,
  withoutParameters,
} from './import-key.js';
import { isCutOff, pemBlocks } from './pem.js';
import type { KeyOptions } from './signing-key.js';

/** A public key, with what it says of itself. */
export interface ImportedPublicKey {
  readonly publicKey: KeyObject;
  /** The `kid` and `alg` of a JWK; empty for a PEM. */
  readonly own: Pick<KeyOptions, 'alg' | 'kid'>;
}

/** What a string holds. */
export interface ImportedPublicKeys {
  /** At least one, in the order of the text, none twice. */
  readonly keys: readonly ImportedPublicKey[];
  /** A sentence for each key that verifies no signature, for example `the key "e" is passed over: it is for encryption`. */
  readonly passedOver: readonly string[];
}

/**
 * Reads all public keys of a string: the JWKs of a key set, a JWK, or any number of PEMs and certificates. Keys for
 * encryption and of kinds that sign no JWT are passed over, and of a chain of certificates those of the authorities.
 * @throws VaultproofError `key_invalid` for a string with no key that verifies signatures, and for a PEM that can't be read
 * @example importPublicKeys(await readFile('jwks.json', 'utf8')).keys.length // 2
 */
export function importPublicKeys(text: string): ImportedPublicKeys {
  const jwks = jwksIn(text);
  const found = jwks ? fromJwks(jwks) : fromPems(text);
  if (found.keys.length > 0) return found;
  throw new VaultproofError(
    'key_invalid',
    ['there is no key that verifies signatures', ...found.passedOver].join('; '),
  );
}

function fromJwks(jwks: readonly unknown[]): ImportedPublicKeys {
  const keys: ImportedPublicKey[] = [];
  const passedOver: string[] = [];
  for (const [at, jwk] of jwks.entries()) {
    const read = isRecord(jwk) ? fromJwk(jwk) : 'it is not a JSON object';
    if (typeof read !== 'string') keys.push(read);
    else passedOver.push(`the key ${nameOf(jwk, at)} is skipped: ${read}`);
  }
  return { keys, passedOver };
}

/** The key, or why it verifies no signature here. */
function fromJwk(jwk: Jwk): ImportedPublicKey | string {
  const other = notForSignatures(jwk);
  if (other !== undefined) return other;
  const { alg, kid } = jwk;
  try {
    const publicKey = publicKeyFromJwk(jwk);
    const possible = algorithmsFor(publicKey);
    if (alg === undefined || alg === '') return { publicKey, own: kidOption(kid) };
    const own = possible.find((name) => name === alg);
    if (own) return { publicKey, own: { alg: own, ...kidOption(kid) } };
    return isSigningAlgorithm(alg) ? `its type can't sign with "${alg}"` : 'its "alg" is not a signing algorithm';
  } catch (error) {
    return (error as Error).message;
  }
}

function kidOption(kid: unknown): Pick<KeyOptions, 'kid'> {
  return typeof kid === 'string' && kid !== '' ? { kid } : {};
}

function nameOf(jwk: unknown, at: number): string {
  return isRecord(jwk) && typeof jwk['kid'] === 'string' ? JSON.stringify(jwk['kid']) : `number ${at + 1}`;
}

function fromPems(text: string): ImportedPublicKeys {
  const pems = pemBlocks(withoutParameters(text)).map((block) => block.text);
  // One alone, or what is cut off or no PEM at all and is refused.
  if (pems.length <= 1 || isCutOff(text)) {
    return { keys: [{ publicKey: publicKeyFromPem(text), own: {} }], passedOver: [] };
  }
  const keys: ImportedPublicKey[] = [];
  const passedOver: string[] = [];
  const chain: X509Certificate[] = [];
  for (const [at, pem] of pems.entries()) {
    const publicKey = publicKeyFromPem(pem);
    const certificate = pem.includes('CERTIFICATE') ? new X509Certificate(pem) : undefined;
    if (certificate && chain.some((other) => other.checkIssued(certificate))) {
      passedOver.push(`the certificate number ${at + 1} is skipped: it belongs to a certificate authority`);
    } else if (!keys.some((key) => isSameKey(key.publicKey, publicKey))) keys.push({ publicKey, own: {} });
    if (certificate) chain.push(certificate);
  }
  return { keys, passedOver };
}

/** The curves that Vault and Consul read, by the type of key that has one. */
const curves: Readonly<Record<string, readonly unknown[]>> = { EC: ['P-256', 'P-384', 'P-521'], OKP: ['Ed25519'] };
/** The types of keys that Vault and Consul read. */
const types: readonly unknown[] = ['RSA', 'EC', 'OKP', 'oct'];
/** Members that are strings where they are there at all. */
const strings = ['kty', 'kid', 'use', 'alg', 'crv', 'x', 'y', 'n', 'e', 'd', 'k'] as const;

/**
 * What is wrong with a key set beside the question whether a token holds, as a sentence for each key: what makes Vault and
 * Consul refuse the whole set, with all of its other keys, and what nobody should publish.
 * @param keys the list "keys" of the set, none of it checked
 * @example keySetWarnings([{ kty: 'AKP', kid: 'new' }]) // ['the key "new" has ...']
 */
export function keySetWarnings(keys: readonly unknown[]): readonly string[] {
  return keys.flatMap((key, at) => {
    const name = isRecord(key) && typeof key['kid'] === 'string' ? JSON.stringify(key['kid']) : `number ${at + 1}`;
    const unreadable = whyUnreadable(key);
    const exposed = isRecord(key) && ['d', 'k'].some((member) => key[member] !== undefined);
    return [
      ...(unreadable === undefined
        ? []
        : [`the key ${name} ${unreadable}: Vault and Consul refuse the whole key set because of it`]),
      ...(exposed
        ? [
            `the key ${name} includes its private part: anyone who can read the key set can sign, and Vault and Consul do not verify with it. Generate another key, and publish its public part`,
          ]
        : []),
    ];
  });
}

function whyUnreadable(key: unknown): string | undefined {
  if (!isRecord(key)) return 'is no JSON object';
  const wrong = strings.find((name) => key[name] !== undefined && key[name] !== null && typeof key[name] !== 'string');
  if (wrong !== undefined) return `has a "${wrong}" that is not a string`;
  const { kty, crv } = key;
  if (!types.includes(kty)) return `has a "kty" that they don't know (${JSON.stringify(kty ?? null)})`;
  if (curves[String(kty)]?.includes(crv) === false) {
    return `has a "crv" that they don't know (${JSON.stringify(crv ?? null)})`;
  }
  return kty === 'oct' || isReadable(key) ? undefined : 'has members that are not a valid key';
}

function isReadable(key: Jwk): boolean {
  try {
    return publicKeyFromJwk(key).type === 'public';
  } catch {
    return false;
  }
}
