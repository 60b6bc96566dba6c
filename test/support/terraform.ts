import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { isDemanded } from './requirement.js';
import { temporaryFolder } from './temporary-folder.js';

/** Terraform in a folder of its own, with the real provider. */
export interface Terraform {
  /** Makes this the configuration, with the state in the folder. */
  declare(json: unknown): Promise<void>;
  /** Runs a command without a question; a failure is an exit code. */
  run(...args: string[]): Promise<{ readonly exitCode?: number; readonly all: string }>;
}

/** A folder for Terraform to work in, against one Vault. */
export async function terraformFolder(vault: { readonly address: string; readonly token: string }): Promise<Terraform> {
  const cwd = await temporaryFolder();
  return {
    declare: async (json) => {
      const { terraform, ...rest } = json as { terraform: { backend?: object } };
      const { backend: _backend, ...settings } = terraform;
      await writeFile(join(cwd, 'cdk.tf.json'), JSON.stringify({ ...rest, terraform: settings }));
    },
    run: (...args) =>
      execa('terraform', [...args, '-no-color'], {
        cwd,
        reject: false,
        all: true,
        env: { VAULT_ADDR: vault.address, VAULT_TOKEN: vault.token, TF_IN_AUTOMATION: '1', TF_INPUT: '0' },
      }),
  };
}

let unavailable: string | undefined;

/**
 * Runs `terraform init`; where the provider can be had neither from the registry nor from a mirror, the test is skipped,
 * and so is every later one.
 * @throws Error when init fails for another reason, or terraform is demanded
 */
export async function init(terraform: Terraform, skip: (reason: string) => void): Promise<void> {
  if (unavailable !== undefined) return skip(unavailable);
  const { exitCode, all } = await terraform.run('init');
  if (exitCode === 0) return;
  const isMissing = /Failed to query available provider packages|Failed to install provider/.test(all);
  if (!isMissing || isDemanded('terraform')) throw new Error(all);
  unavailable = 'the provider can be had neither from the registry nor from a mirror';
  skip(unavailable);
}
