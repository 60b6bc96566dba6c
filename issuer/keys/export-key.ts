import { createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import type { JWK } from 'jose';
import { exportJWK } from 'jose/key/export';
import { UsageError } from '../../errors/index.js';
import type { SigningKey } from './signing-key.js';

/**
 * The public key in SPKI PEM, as Vault's `jwt_validation_pubkeys` and Consul's `JWTValidationPubKeys` take it.
 *
 * @example
 * await writeFile('public.pem', publicPem(key));
 */
export function publicPem({ publicJwk }: Pick<SigningKey, 'publicJwk'>): string {
  return createPublicKey({ key: publicJwk, format: 'jwk' } as JsonWebKeyInput)
    .export({ type: 'spki', format: 'pem' })
    .toString();
}

/**
 * The private key in PKCS8 PEM.
 * @throws TypeError for a key that lives elsewhere
 * @example
 * await writeFile('key.pem', privatePem(key), { mode: 0o600 });
 */
export function privatePem(key: SigningKey): string {
  return present(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * The private key as a JWK, with `kid`, `use` and `alg`.
 * @throws TypeError for a key that lives elsewhere
 * @example
 * await writeFile('key.json', JSON.stringify(await privateJwk(key)), { mode: 0o600 });
 */
export async function privateJwk(key: SigningKey): Promise<JWK> {
  const { kid, use, alg } = key.publicJwk;
  return { ...(await exportJWK(present(key))), ...(kid && { kid }), ...(use && { use }), ...(alg && { alg }) };
}

function present({ privateKey, kid }: SigningKey): NonNullable<SigningKey['privateKey']> {
  if (privateKey) return privateKey;
  throw new UsageError(`the private key of "${kid}" is not in this process and can't be exported`);
}

/** What of a key is shown to those who verify. */
type PublicKey = Pick<SigningKey, 'alg' | 'publicJwk'>;

/** The fields of `auth/<mount>/config` in Vault that trust keys without a key set. */
export interface VaultKeyFields {
  /** PEM, one a key, without a line break at the end, as Vault gives them back. */
  readonly jwt_validation_pubkeys: readonly string[];
  readonly jwt_supported_algs: readonly string[];
}

/** The fields of a JWT auth method's `Config` in Consul that trust keys without a key set. */
export interface ConsulKeyFields {
  readonly JWTValidationPubKeys: readonly string[];
  /** Absent with EdDSA, which Consul refuses in the list and verifies without it. */
  readonly JWTSupportedAlgs?: readonly string[];
}

/** The same keys in every shape that Vault and Consul take. */
export interface KeyShapes {
  readonly vault: VaultKeyFields;
  readonly consul: ConsulKeyFields;
  /** A line of the vault command, for a JWT auth method that is mounted at `jwt`. */
  readonly vaultCli: string;
  /** A line of the consul command. */
  readonly consulCli: string;
  /** Terraform's language. */
  readonly hcl: string;
  /** TypeScript inside a stack. */
  readonly cdktf: string;
}

/**
 * Public keys as Vault's and Consul's fields, command lines, HCL and CDKTF take them.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/jwt#jwt_validation_pubkeys
 * @see https://developer.hashicorp.com/consul/docs/reference/acl/auth-method/jwt
 * @example
 * console.log(keyShapes([key]).hcl);
 */
export function keyShapes(keys: readonly PublicKey[]): KeyShapes {
  const pems = keys.map((key) => publicPem(key).trimEnd());
  const algs = [...new Set(keys.map(({ alg }) => alg))];
  const consul = {
    JWTValidationPubKeys: pems,
    ...(algs.includes('EdDSA') ? {} : { JWTSupportedAlgs: algs }),
  };
  return {
    vault: { jwt_validation_pubkeys: pems, jwt_supported_algs: algs },
    consul,
    vaultCli: `vault write auth/jwt/config jwt_supported_algs=${algs.join(',')} jwt_validation_pubkeys='${pems.join(',')}'`,
    consulCli: `consul acl auth-method create -type jwt -name jwt -config '${JSON.stringify(consul)}'`,
    hcl: [
      'resource "vault_jwt_auth_backend" "jwt" {',
      '  path                   = "jwt"',
      `  jwt_supported_algs     = ${JSON.stringify(algs)}`,
      `  jwt_validation_pubkeys = ${JSON.stringify(pems)}`,
      '}',
    ].join('\n'),
    cdktf: [
      "new JwtAuthBackend(this, 'jwt', {",
      "  path: 'jwt',",
      `  jwtSupportedAlgs: ${JSON.stringify(algs)},`,
      `  jwtValidationPubkeys: ${JSON.stringify(pems)},`,
      '});',
    ].join('\n'),
  };
}
