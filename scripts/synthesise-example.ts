/** Writes the bundled example as Terraform JSON, so that the demo needs no CDKTF: `tsx scripts/synthesise-example.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { placeholders } from '../cli/example.js';
import { synthesise } from '../harness/provision/synth.js';
import { ConsulJwtStack } from '../stacks/consul-jwt.js';
import { exampleConsulProps, exampleConsulTokens } from '../stacks/examples/consul-login.js';
import { exampleProps } from '../stacks/examples/vault-login.js';
import { VaultConsulStack } from '../stacks/vault-consul.js';
import { VaultJwtStack, type VaultJwtStackProps } from '../stacks/vault-jwt.js';

const FILE = fileURLToPath(new URL('../cli/example-stacks.json', import.meta.url));

/** The stacks of the example by their ids, with the addresses of `placeholders`. */
export async function exampleStacks(): Promise<Readonly<Record<string, unknown>>> {
  const login = exampleProps(placeholders);
  const stacks = await synthesise((app) => {
    new VaultJwtStack(app, 'vault-jwt', login);
    new VaultJwtStack(app, 'vault-jwt-with-consul-tokens', withConsulTokens(login));
    new ConsulJwtStack(app, 'consul-jwt', exampleConsulProps(placeholders));
    new VaultConsulStack(app, 'vault-consul', exampleConsulTokens);
  });
  return Object.fromEntries(stacks.map(({ name, json }) => [name, withoutBackend(json)]));
}

/** A local backend has the path of this checkout. */
function withoutBackend(json: unknown): unknown {
  const { terraform, ...others } = json as { readonly terraform: Readonly<Record<string, unknown>> };
  const { backend: _backend, ...kept } = terraform;
  return { ...others, terraform: kept };
}

/** The login as it is deployed grants no token of another system. */
function withConsulTokens(login: ReturnType<typeof exampleProps>): VaultJwtStackProps {
  const name = 'vishpat_consul_policy';
  const [role] = login.roles;
  return {
    ...login,
    roles: [{ ...role, tokenPolicies: [...role.tokenPolicies, name] }],
    policies: [...(login.policies ?? []), { name, rules: [{ path: 'consul/creds/vishpat', capabilities: ['read'] }] }],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(FILE, `${JSON.stringify(await exampleStacks(), null, 2)}\n`);
}
