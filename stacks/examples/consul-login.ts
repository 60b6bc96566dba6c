import type { ConsulJwtStackProps } from '../consul-jwt.js';
import type { VaultConsulStackProps } from '../vault-consul.js';
import type { ExampleIssuer } from './vault-login.js';

/** The bundled login at Consul: vishpat may read the keys under `vishpat/`, and nobody else may. */
export function exampleConsulProps(issuer: ExampleIssuer): ConsulJwtStackProps {
  return {
    ...issuer,
    description: 'JWT login for vishpat',
    boundAudiences: ['damage_inc'],
    claimMappings: { sub: 'user' },
    policies: [{ name: 'vishpat-reader', rules: 'key_prefix "vishpat/" {\n  policy = "read"\n}\n' }],
    bindingRules: [{ bindType: 'policy', bindName: 'vishpat-reader', selector: 'value.user == "vishpat"' }],
  };
}

/** Consul tokens from Vault that may do the same, for anyone who can read `consul/creds/vishpat`. */
export const exampleConsulTokens: VaultConsulStackProps = {
  description: 'Consul tokens for users who log in to Vault',
  roles: [{ name: 'vishpat', consulPolicies: ['vishpat-reader'] }],
};
