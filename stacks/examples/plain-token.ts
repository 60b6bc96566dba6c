import type { VaultJwtStackProps } from '../vault-jwt.js';

/**
 * The login for the plain-text tokens of the Rust issuer, seed 001: a key set, one user by his name, KV
 * version 1 and a policy for his path.
 * @param jwksUrl the issuer's, `http://localhost:8080/auth/jwks` as it is documented
 */
export function plainTokenProps(jwksUrl: string): VaultJwtStackProps {
  return {
    description: 'Enable JWT auth',
    jwksUrl,
    allow: { 'no-bound-issuer': 'its tokens have no iss, and the key set belongs to this issuer only' },
    roles: [{ roleName: 'jwt_vishpat', boundSubject: 'vishpat', tokenPolicies: ['vishpat_keys_policy'] }],
    policies: [
      {
        name: 'vishpat_keys_policy',
        policy: 'path "kv/vishpat/*" {\n  capabilities = ["create", "read", "update", "delete", "list"]\n}\n',
      },
    ],
    kv: { version: 1 },
  };
}
