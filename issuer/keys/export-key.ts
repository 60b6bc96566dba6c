import { createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import type { JWK } from 'jose';
import { exportJWK } from 'jose/key/export';
import { WrongUse } from '../../errors/index.js';
import type { SigningKey } from './signing-key.js';

/** The public key in SPKI PEM, as Vault's `jwt_validation_pubkeys` and Consul's `JWTValidationPubKeys` take it. */
export function publicPem({ publicJwk }: Pick<SigningKey, 'publicJwk'>): string {
  return createPublicKey({ key: publicJwk, format: 'jwk' } as JsonWebKeyInput)
    .export({ type: 'spki', format: 'pem' })
    .toString();
}

/**
 * The private key in PKCS8 PEM.
 * @throws TypeError for a key that lives elsewhere
 */
export function privatePem(key: SigningKey): string {
  return present(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * The private key as a JWK, with `kid`, `use` and `alg`.
 * @throws TypeError for a key that lives elsewhere
 */
export async function privateJwk(key: SigningKey): Promise<JWK> {
  const { kid, use, alg } = key.publicJwk;
  return { ...(await exportJWK(present(key))), ...(kid && { kid }), ...(use && { use }), ...(alg && { alg }) };
}

function present({ privateKey, kid }: SigningKey): NonNullable<SigningKey['privateKey']> {
  if (privateKey) return privateKey;
  throw new WrongUse(`the private key of "${kid}" is not in this process and can't be exported`);
}
