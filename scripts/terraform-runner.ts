import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** A Terraform with one provider, initialised once and used for one state after the other. */
export interface TerraformRunner {
  /** `hashicorp/vault 5.6.0` */
  readonly provider: string;
  /** Forgets what was applied. */
  forget(): void;
  /** Applies the blocks of a configuration; the outputs, or undefined where Terraform refused. */
  apply(config: Readonly<Record<string, unknown>>, address: string, token: string): Promise<Outputs | undefined>;
  stop(): void;
}

type Outputs = Readonly<Record<string, unknown>>;

/** Runs the `terraform` on PATH with the provider that the user's own CLI configuration leads to. */
export async function terraformRunner(
  server: 'vault' | 'consul',
  log: (line: string) => void,
): Promise<TerraformRunner> {
  const cwd = mkdtempSync(join(tmpdir(), 'vaultproof-record-'));
  const { PATH, TF_CLI_CONFIG_FILE } = process.env;
  const env = { PATH, TF_CLI_CONFIG_FILE, HOME: cwd, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    execa('terraform', args, { cwd, env: { ...env, ...more }, extendEnv: false, reject: false });
  const write = (blocks: object, provider: object): void => {
    const required_providers = { [server]: { source: `hashicorp/${server}` } };
    const document = { terraform: { required_providers }, provider: { [server]: provider }, ...blocks };
    writeFileSync(join(cwd, 'main.tf.json'), JSON.stringify(document));
  };
  const stop = (): void => rmSync(cwd, { recursive: true, force: true });

  write({}, {});
  const init = await run(['init', '-input=false', '-no-color']);
  if (init.exitCode !== 0) {
    stop();
    throw new Error(`terraform init failed: ${init.stderr}`);
  }
  const version = await run(['version', '-json']);
  const { provider_selections: selections } = JSON.parse(version.stdout) as {
    provider_selections: Readonly<Record<string, string>>;
  };
  return {
    provider: `hashicorp/${server} ${selections[`registry.terraform.io/hashicorp/${server}`] ?? ''}`,
    forget: () => {
      for (const file of ['terraform.tfstate', 'terraform.tfstate.backup']) rmSync(join(cwd, file), { force: true });
    },
    apply: async (config, address, token) => {
      write(config, server === 'vault' ? { address, skip_child_token: true } : { address });
      const tokens = { VAULT_TOKEN: token, CONSUL_HTTP_TOKEN: token };
      const applied = await run(['apply', '-auto-approve', '-input=false', '-no-color', '-parallelism=1'], tokens);
      if (applied.exitCode !== 0) {
        log(applied.stderr.replaceAll(token, '(token)'));
        return undefined;
      }
      const { stdout } = await run(['output', '-json']);
      const outputs = JSON.parse(stdout) as Readonly<Record<string, { readonly value: unknown }>>;
      return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
    },
    stop,
  };
}
