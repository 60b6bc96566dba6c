import type { VaultJwtStackProps } from '../vault-jwt.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';

/** What the example needs to know of the issuer. */
export interface ExampleIssuer {
  /** Where Vault fetches the key set. */
  readonly jwksUrl: string;
  /** The `iss` of its tokens. */
  readonly boundIssuer: string;
}

/** The login that is bundled: vishpat may read and write what lies under `kv/vishpat/`, and nobody else may. */
export function exampleProps(issuer: ExampleIssuer): VaultJwtStackProps & {
  readonly roles: readonly [VaultJwtRole];
  readonly policies: readonly { readonly name: string; readonly policy: string }[];
} {
  return {
    ...issuer,
    description: 'JWT login for vishpat',
    roles: [
      {
        roleName: 'jwt_vishpat',
        boundAudiences: ['damage_inc'],
        boundSubject: 'vishpat',
        tokenPolicies: ['vishpat_keys_policy'],
      },
    ],
    policies: [
      {
        name: 'vishpat_keys_policy',
        policy: 'path "kv/vishpat/*" {\n  capabilities = ["create", "read", "update", "delete", "list"]\n}\n',
      },
    ],
    kv: { path: 'kv', version: 1 },
  };
}
