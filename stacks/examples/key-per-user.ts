import type { VaultJwtStackProps } from '../vault-jwt.js';

/**
 * The login of the Flask issuer, seed 000: a public key for every user, RS256, one audience for all, batch tokens that
 * may read.
 * @param publicKeys PEM, one for each user
 */
export function keyPerUserProps(publicKeys: readonly string[]): VaultJwtStackProps {
  return {
    description: 'users, each with their own key',
    jwtValidationPubkeys: [...publicKeys],
    jwtSupportedAlgs: ['RS256'],
    allow: { 'no-bound-issuer': 'the keys are trusted directly, with any issuer name' },
    roles: [
      {
        roleName: 'jwt_role',
        boundAudiences: ['damage_inc'],
        tokenPolicies: ['default', 'secrets-readonly'],
        tokenType: 'batch',
        tokenTtl: 3600,
        allow: { 'audience-only': 'every user with a key may log in: keys are added only for such users' },
      },
    ],
    policies: [{ name: 'secrets-readonly', rules: [{ secrets: '*', access: ['read', 'list'] }] }],
    kv: { path: 'secrets' },
  };
}
