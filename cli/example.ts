import type { Environment } from '../harness/index.js';
import { exampleProps } from '../stacks/example.js';
import { VaultJwtStack } from '../stacks/vault-jwt.js';

/** The bundled example: who logs in with what, and what he reads. */
export const example = {
  role: 'jwt_vishpat',
  claims: { sub: 'vishpat', aud: 'damage_inc' },
  /** The path as `vault kv` and, the engine being version 1, the API take it. */
  path: 'kv/vishpat/test',
  secret: { username: 'X', password: 'Y' },
} as const;

/** Applies the bundled stack to an environment's Vault. */
export async function applyExample(environment: Environment): Promise<void> {
  const { issuer, vault } = environment;
  const props = exampleProps({ jwksUrl: issuer.jwksUrlFor(vault), boundIssuer: issuer.url });
  await environment.apply((app) => new VaultJwtStack(app, 'vault-jwt', props));
}
