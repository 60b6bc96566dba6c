import { type Environment, terraformProvisioner, VaultproofError } from 'vaultproof';
import type { TestContext } from 'vitest';
import { isDemanded } from './requirement.js';

const ABSENT = ['terraform_not_found', 'terraform_too_old', 'provider_unavailable'];
const asked = new Map<string, Promise<string | undefined>>();

/**
 * A hook that skips a test, with the reason, where Terraform or a provider can't be had; where VAULTPROOF_REQUIRE names
 * terraform it fails instead.
 * @param providers names of HashiCorp's, such as `vault`
 */
export function requiresProviders(...providers: readonly string[]): (context: TestContext) => Promise<void> {
  return async ({ skip }) => {
    const key = providers.join();
    const reason = asked.get(key) ?? whyNot(providers);
    asked.set(key, reason);
    const missing = await reason;
    if (missing === undefined) return;
    if (isDemanded('terraform')) throw new Error(`VAULTPROOF_REQUIRE asks for terraform: ${missing}`);
    skip(`needs terraform and the providers ${key}: ${missing}`);
  };
}

async function whyNot(providers: readonly string[]): Promise<string | undefined> {
  const server = { address: 'http://127.0.0.1:9', token: 'none' };
  await using terraform = terraformProvisioner({ vault: server, consul: server });
  const required = Object.fromEntries(providers.map((name) => [name, { source: `hashicorp/${name}` }]));
  try {
    await terraform.plan('asked', { terraform: { required_providers: required } });
    return undefined;
  } catch (error) {
    if (error instanceof VaultproofError && ABSENT.includes(error.code)) return error.message;
    throw error;
  }
}

/** A JWT auth method with one role, a policy and a KV engine, as `cdktf synth` writes them. */
export function jwtConfiguration(
  env: Pick<Environment, 'issuer' | 'vault'>,
  changed: {
    readonly backend?: Readonly<Record<string, unknown>>;
    readonly role?: Readonly<Record<string, unknown>>;
  } = {},
) {
  const at = (name: string) => ({ '//': { metadata: { path: `demo/${name}`, uniqueId: name } } });
  return {
    terraform: { required_providers: { vault: { source: 'hashicorp/vault' } } },
    provider: { vault: [{}] },
    resource: {
      vault_jwt_auth_backend: {
        jwt: { ...at('jwt'), path: 'jwt', jwks_url: env.issuer.jwksUrlFor(env.vault), ...changed.backend },
      },
      vault_jwt_auth_backend_role: {
        reader: {
          ...at('reader'),
          backend: `\${vault_jwt_auth_backend.jwt.path}`,
          role_name: 'reader',
          role_type: 'jwt',
          user_claim: 'sub',
          bound_audiences: ['damage_inc'],
          token_policies: ['reader'],
          ...changed.role,
        },
      },
      vault_policy: {
        reader: { ...at('policy'), name: 'reader', policy: 'path "kv/data/x" { capabilities = ["read"] }' },
      },
      vault_mount: { kv: { ...at('kv'), path: 'kv', type: 'kv', options: { version: '2' } } },
    },
    output: { kv_path: { value: `\${vault_mount.kv.path}` }, hidden: { value: 'canary-output', sensitive: true } },
  };
}
