import type { VaultOidcStackProps } from 'vaultproof/stacks/vault-oidc';

/** Who signs in at Okta with a browser, and what they may then read. */
export const people: VaultOidcStackProps = {
  oidcDiscoveryUrl: 'https://acme.okta.com',
  oidcClientId: '0oa1b2c3',
  roles: [
    {
      roleName: 'people',
      allowedRedirectUris: [
        'http://localhost:8250/oidc/callback',
        'https://vault.acme.example/ui/vault/auth/oidc/oidc/callback',
      ],
      boundClaims: { groups: ['engineering', 'support'] },
      groupsClaim: 'groups',
      oidcScopes: ['groups'],
      tokenPolicies: [],
    },
  ],
  policies: [{ name: 'app-reader', rules: [{ secrets: 'app/*', access: ['read'] }] }],
  groups: [{ name: 'engineering', policies: ['app-reader'] }],
  kv: { path: 'kv' },
};
