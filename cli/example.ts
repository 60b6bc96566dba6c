import type { Environment } from '../harness/index.js';
import { ConsulJwtStack } from '../stacks/consul-jwt.js';
import { exampleProps } from '../stacks/example.js';
import { exampleConsulProps, exampleConsulTokens } from '../stacks/example-consul.js';
import { VaultConsulStack } from '../stacks/vault-consul.js';
import { VaultJwtStack, type VaultJwtStackProps } from '../stacks/vault-jwt.js';

/** The bundled example: who logs in with what, and what he reads. */
export const example = {
  role: 'jwt_vishpat',
  claims: { sub: 'vishpat', aud: 'damage_inc' },
  /** The path as `vault kv` and, the engine being version 1, the API take it. */
  path: 'kv/vishpat/test',
  secret: { username: 'X', password: 'Y' },
  /** Consul's auth method, which takes the same JWT. */
  method: 'jwt',
  /** A key in Consul. */
  key: 'vishpat/colour',
  value: 'green',
  /** Where a Vault login gets a Consul token. */
  credentials: 'consul/creds/vishpat',
} as const;

/** Applies the bundled stacks to an environment's Vault and Consul; Consul tokens from Vault where it has an engine for them. */
export async function applyExample({ issuer, vault, consul, apply }: Environment): Promise<void> {
  const boundIssuer = issuer.url;
  const login = exampleProps({ jwksUrl: issuer.jwksUrlFor(vault), boundIssuer });
  const givesTokens = await vault.supports('secret/consul');
  await apply((app) => {
    new ConsulJwtStack(app, 'consul-jwt', exampleConsulProps({ jwksUrl: issuer.jwksUrlFor(consul), boundIssuer }));
    if (givesTokens) new VaultConsulStack(app, 'vault-consul', exampleConsulTokens);
    // Last, because a new Vault makes keys of its own before it takes an auth method.
    new VaultJwtStack(app, 'vault-jwt', givesTokens ? withCredentials(login) : login);
  });
}

/** Writes what is never declared: the secret, the key, and the token that Vault's Consul engine works with. */
export async function seedExample({ vault, consul }: Environment): Promise<void> {
  const giveAccess = async (): Promise<void> => {
    if (await vault.supports('secret/consul')) await vault.configureConsulAccess(consul);
  };
  await Promise.all([
    vault.seed(example.path, example.secret),
    consul.kv.write(example.key, example.value),
    giveAccess(),
  ]);
}

/** The login alone, as it is deployed, gives no token of another system. */
function withCredentials(login: VaultJwtStackProps): VaultJwtStackProps {
  const name = 'vishpat_consul_policy';
  const [role, ...others] = login.roles;
  return {
    ...login,
    roles: [{ ...role, tokenPolicies: [...role.tokenPolicies, name] }, ...others],
    policies: [...(login.policies ?? []), { name, rules: [{ path: example.credentials, capabilities: ['read'] }] }],
  };
}
