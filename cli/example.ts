import { readFileSync } from 'node:fs';
import type { Environment, StartedIssuer, StartedVault } from '../harness/index.js';

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

/** What stands for the issuer in `example-stacks.json`. */
export const placeholders = {
  jwksUrl: 'https://issuer.example/.well-known/jwks.json',
  boundIssuer: 'https://issuer.example',
} as const;

/** Applies the bundled login to Vault; `withTokens`, it may ask Vault for Consul tokens, too. */
export async function applyVaultExample({ issuer, vault, applyJson }: Environment, withTokens: boolean): Promise<void> {
  const stacks = exampleStacks(issuer, issuer.jwksUrlFor(vault));
  await applyJson(stacks[withTokens ? 'vault-jwt-with-consul-tokens' : 'vault-jwt'], 'vault-jwt');
}

/** Applies the bundled login to Consul and, `withTokens`, the engine with which Vault makes Consul tokens. */
export async function applyConsulExample(
  { issuer, consul, applyJson }: Environment,
  withTokens: boolean,
): Promise<void> {
  const stacks = exampleStacks(issuer, issuer.jwksUrlFor(consul));
  await applyJson(stacks['consul-jwt'], 'consul-jwt');
  if (withTokens) await applyJson(stacks['vault-consul'], 'vault-consul');
}

/** Writes what is never declared: the key, and the token that Vault's Consul engine works with. */
export async function seedConsulExample({ vault, consul }: Environment, withTokens: boolean): Promise<void> {
  await Promise.all([
    consul.kv.write(example.key, example.value),
    withTokens ? vault.configureConsulAccess(consul) : undefined,
  ]);
}

/** Applies and seeds all of the example; that of Vault alone where there is no Consul. */
export async function applyExample(environment: Environment, { consul }: { readonly consul: boolean }): Promise<void> {
  if (!consul) {
    await applyVaultExample(environment, false);
    return environment.vault.seed(example.path, example.secret);
  }
  const withTokens = await givesConsulTokens(environment.vault);
  await applyConsulExample(environment, withTokens);
  // Last, because a new Vault makes keys of its own before it takes an auth method.
  await applyVaultExample(environment, withTokens);
  await environment.vault.seed(example.path, example.secret);
  await seedConsulExample(environment, withTokens);
}

/** What `cdktf synth` makes of the example's stacks, which users of HCL can apply without having CDKTF. */
function exampleStacks({ url }: StartedIssuer, jwksUrl: string): Readonly<Record<string, unknown>> {
  const json = readFileSync(new URL('example-stacks.json', import.meta.url), 'utf8')
    .replaceAll(placeholders.jwksUrl, jwksUrl)
    .replaceAll(placeholders.boundIssuer, url);
  return JSON.parse(json) as Readonly<Record<string, unknown>>;
}
