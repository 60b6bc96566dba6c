import type { Environment, StartedVault } from '../harness/index.js';
import { ConsulJwtStack } from '../stacks/consul-jwt.js';
import { exampleConsulProps, exampleConsulTokens } from '../stacks/examples/consul-login.js';
import { exampleProps } from '../stacks/examples/vault-login.js';
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

/** Whether Vault makes Consul tokens in the example: only where it has an engine for them. */
export function givesConsulTokens(vault: StartedVault): Promise<boolean> {
  return vault.supports('secret/consul');
}

/** Applies the bundled login to Vault; `withTokens`, it may ask Vault for Consul tokens, too. */
export async function applyVaultExample({ issuer, vault, apply }: Environment, withTokens: boolean): Promise<void> {
  const login = exampleProps({ jwksUrl: issuer.jwksUrlFor(vault), boundIssuer: issuer.url });
  await apply((app) => new VaultJwtStack(app, 'vault-jwt', withTokens ? withCredentials(login) : login));
}

/** Applies the bundled login to Consul and, `withTokens`, the engine with which Vault makes Consul tokens. */
export async function applyConsulExample({ issuer, consul, apply }: Environment, withTokens: boolean): Promise<void> {
  const props = exampleConsulProps({ jwksUrl: issuer.jwksUrlFor(consul), boundIssuer: issuer.url });
  await apply((app) => {
    new ConsulJwtStack(app, 'consul-jwt', props);
    if (withTokens) new VaultConsulStack(app, 'vault-consul', exampleConsulTokens);
  });
}

/** Writes what is never declared: the key, and the token that Vault's Consul engine works with. */
export async function seedConsulExample({ vault, consul }: Environment, withTokens: boolean): Promise<void> {
  await Promise.all([
    consul.kv.write(example.key, example.value),
    withTokens ? vault.configureConsulAccess(consul) : undefined,
  ]);
}

/** Applies and seeds all of the example. */
export async function applyExample(environment: Environment): Promise<void> {
  const withTokens = await givesConsulTokens(environment.vault);
  await applyConsulExample(environment, withTokens);
  // Last, because a new Vault makes keys of its own before it takes an auth method.
  await applyVaultExample(environment, withTokens);
  await environment.vault.seed(example.path, example.secret);
  await seedConsulExample(environment, withTokens);
}

/** The login alone, as it is deployed, gives no token of another system. */
function withCredentials(login: ReturnType<typeof exampleProps>): VaultJwtStackProps {
  const name = 'vishpat_consul_policy';
  const [role] = login.roles;
  return {
    ...login,
    roles: [{ ...role, tokenPolicies: [...role.tokenPolicies, name] }],
    policies: [...(login.policies ?? []), { name, rules: [{ path: example.credentials, capabilities: ['read'] }] }],
  };
}
