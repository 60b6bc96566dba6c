/**
 * The terraform provisioner against Terraform's own commands by hand, `init`, `apply` and a second `plan`, each time in
 * a fresh folder with the same configuration, to the same running Vault. What was applied is destroyed after each run,
 * outside of the clock. Ours reads everything back as well.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Environment, startEnvironment, VaultproofError } from 'vaultproof';
import { synthesiseExample } from './by-hand/cdktf.js';
import { firstAuthMount } from './by-hand/vault-http.js';
import { type Measurement, SkippedMeasurement } from './measurement.js';

const run = promisify(execFile);

/** See the head of this file. */
export const terraformApply: Measurement = {
  name: 'terraform-apply',
  prepare: async () => {
    const env = await startEnvironment();
    await firstAuthMount(env.vault.request);
    const issuer = { jwksUrl: env.issuer.jwksUrlFor(env.vault), boundIssuer: env.issuer.url };
    const json = JSON.parse(synthesiseExample(issuer)) as object;
    await env.terraform.apply('warm-up', json).catch(async (error: unknown) => {
      await env.stop();
      const isMissing =
        error instanceof VaultproofError && /^(?:terraform_not_found|provider_unavailable)$/.test(error.code);
      throw isMissing ? new SkippedMeasurement(error.message) : error;
    });
    await env.terraform.destroy('warm-up');
    let count = 0;
    return {
      comparisons: [
        {
          name: 'apply with terraform',
          baseline: 'init, apply and plan by hand',
          unit: 'ms',
          target: 1.1,
          maxRounds: 15,
          ours: async () => {
            count += 1;
            const begin = performance.now();
            await env.terraform.apply(`run-${count}`, json);
            const took = performance.now() - begin;
            await env.terraform.destroy(`run-${count}`);
            return took;
          },
          theirs: () => byHand(env, json),
        },
      ],
      notes: () => [],
      [Symbol.asyncDispose]: () => env.stop(),
    };
  },
};

async function byHand({ vault }: Environment, json: object): Promise<number> {
  const cwd = await mkdtemp(join(tmpdir(), 'bench-terraform-'));
  const env = { ...process.env, VAULT_ADDR: vault.address, VAULT_TOKEN: vault.token };
  const terraform = (...args: string[]): Promise<unknown> => run('terraform', args, { cwd, env });
  try {
    await writeFile(join(cwd, 'cdk.tf.json'), JSON.stringify(json));
    const begin = performance.now();
    await terraform('init', '-input=false');
    await terraform('apply', '-input=false', '-auto-approve');
    await terraform('plan', '-input=false', '-detailed-exitcode');
    const took = performance.now() - begin;
    await terraform('destroy', '-input=false', '-auto-approve');
    return took;
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}
