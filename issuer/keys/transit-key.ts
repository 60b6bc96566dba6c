import { createPublicKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { exportJWK } from 'jose/key/export';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { isRecord, membersOf } from '../../internal/json.js';
import { algorithmsFor } from './algorithms.js';
import { importPublicKey } from './import-key.js';
import type { KeyOptions, SigningKey } from './signing-key.js';

/** What transit's names look like: nothing in them can lead to another path. */
const NAME = /^\w(?:[\w.-]*\w)?$/;
const MOUNT = /^\w(?:[\w.-]*\w)?(?:\/\w(?:[\w.-]*\w)?)*$/;

/**
 * One request to Vault's API, with a token that may read `<mount>/keys/<name>` and update `<mount>/sign/<name>`.
 * @param path without `/v1/`
 * @returns the body of the answer
 */
export type TransitRequest = (
  method: 'GET' | 'POST',
  path: string,
  json?: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>>>;

/** Which key of the transit engine. */
export interface TransitKeyOptions extends KeyOptions {
  readonly name: string;
  /** Default `transit`. */
  readonly mount?: string | undefined;
  /** The version that signs; default the latest one now. Later versions of the key do not change what this one signs. */
  readonly version?: number | undefined;
}

/**
 * A signing key that Vault's transit engine keeps: every signature is one request, the private key never leaves Vault.
 * The types ecdsa-p256/384/521, rsa-2048/3072/4096 and ed25519 sign.
 * @throws VaultproofError `key_invalid` for a key of another type or a version that it doesn't have, and what `request`
 * throws
 * @throws TypeError for an invalid name or mount, and an algorithm that the key can't sign with
 * @see https://developer.hashicorp.com/vault/api-docs/secret/transit#sign-data
 * @example
 * const key = await transitKey(request, { name: 'issuer' });
 */
export async function transitKey(request: TransitRequest, options: TransitKeyOptions): Promise<SigningKey> {
  const { name, mount = 'transit' } = options;
  if (!NAME.test(name))
    throw new UsageError(`invalid name of a transit key ${JSON.stringify(name)}; expected for example "issuer"`);
  if (!MOUNT.test(mount))
    throw new UsageError(`invalid path of a secrets engine ${JSON.stringify(mount)}; expected for example "transit"`);
  const { data } = await request('GET', `${mount}/keys/${name}`);
  const version = options.version ?? (isRecord(data) ? Number(data['latest_version']) : Number.NaN);
  const publicKey = publicKeyOf(data, name, version);
  const possible = algorithmsFor(publicKey);
  const { alg = possible[0] } = options;
  if (!possible.includes(alg)) {
    throw new UsageError(`the transit key "${name}" can't sign with "${alg}": use ${possible.join(', ')}`);
  }
  const jwk = await exportJWK(publicKey);
  const kid = options.kid ?? (await calculateJwkThumbprint(jwk));
  return {
    alg,
    kid,
    publicJwk: { ...jwk, kid, use: 'sig', alg },
    sign: async (bytes) => {
      const answer = await request('POST', `${mount}/sign/${name}`, {
        input: Buffer.from(bytes).toString('base64'),
        key_version: version,
        prehashed: false,
        marshaling_algorithm: 'jws',
        ...(alg === 'EdDSA' ? {} : { hash_algorithm: `sha2-${alg.slice(2)}` }),
        ...(alg.startsWith('RS') ? { signature_algorithm: 'pkcs1v15' } : {}),
        ...(alg.startsWith('PS') ? { signature_algorithm: 'pss', salt_length: 'hash' } : {}),
      });
      const signed = isRecord(answer['data']) ? answer['data']['signature'] : undefined;
      const [, signature] = /^vault:v\d+:([\w+/=-]+)$/.exec(String(signed)) ?? [];
      if (signature === undefined) throw invalid(`vault answered without a signature of the transit key "${name}"`);
      return Buffer.from(signature, 'base64url');
    },
  };
}

function publicKeyOf(data: unknown, name: string, version: number): KeyObject {
  const versions = membersOf(membersOf(data)['keys']);
  const entry = versions[String(version)];
  const text = isRecord(entry) ? entry['public_key'] : undefined;
  const type = isRecord(data) ? data['type'] : undefined;
  if (typeof text !== 'string' || text === '') {
    throw invalid(`the transit key "${name}" of type "${String(type)}" has no public key of version ${version}`);
  }
  if (type !== 'ed25519') return importPublicKey(text);
  const x = Buffer.from(text, 'base64').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' } as JsonWebKeyInput);
}

function invalid(message: string): VaultproofError {
  return new VaultproofError('key_invalid', message);
}
