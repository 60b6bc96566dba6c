import { join, resolve } from 'node:path';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { isRunnable } from '../binaries/index.js';
import { runGuarded } from '../guardian/index.js';
import { namedExecutable, pathFolders, userEnvironment } from './environment.js';

const PRODUCTS = { Terraform: 'terraform', OpenTofu: 'tofu' } as const;
/** `terraform_data` came with Terraform 1.4, and OpenTofu began with 1.6. */
const FLOOR = { terraform: [1, 5], tofu: [1, 6] } as const;

/** A Terraform or an OpenTofu that can be run. */
export interface TerraformExecutable {
  readonly product: 'terraform' | 'tofu';
  /** Absolute path. */
  readonly path: string;
  /** For example `1.11.4`. */
  readonly version: string;
}

/**
 * The executable that an option or VAULTPROOF_TERRAFORM_PATH names, else the first `terraform` on PATH that is new
 * enough, else the first such `tofu`.
 * @param named the option: an absolute path, or one relative to the working directory
 * @throws VaultproofError `terraform_not_found`, or `terraform_too_old` before Terraform 1.5 and OpenTofu 1.6
 */
export async function findTerraform(named?: string): Promise<TerraformExecutable> {
  if (named === '') throw new UsageError('option executable is empty: give a path, or leave it out for PATH');
  const explicit = named ?? namedExecutable();
  if (explicit !== undefined) return check(resolve(explicit));
  let tooOld: unknown;
  for (const name of Object.values(PRODUCTS)) {
    for (const folder of pathFolders()) {
      const path = join(folder, name);
      if (!(await isRunnable(path))) continue;
      try {
        return await check(path);
      } catch (error) {
        tooOld ??= error;
      }
    }
  }
  throw (
    tooOld ??
    new VaultproofError(
      'terraform_not_found',
      'neither "terraform" nor "tofu" is on PATH: install one, or name it in VAULTPROOF_TERRAFORM_PATH',
    )
  );
}

async function check(path: string): Promise<TerraformExecutable> {
  const answer = await version(path).catch((cause: unknown) => {
    throw new VaultproofError(
      'terraform_not_found',
      `"${path}" could not be run: correct the path, or leave it out for PATH`,
      { details: { path }, cause },
    );
  });
  const [, banner = '', found = ''] = /^(Terraform|OpenTofu) v(\d+\.\d+\.\d+\S*)/m.exec(answer) ?? [];
  const product = Object.hasOwn(PRODUCTS, banner) ? PRODUCTS[banner as keyof typeof PRODUCTS] : undefined;
  if (product === undefined) {
    throw new VaultproofError(
      'terraform_not_found',
      `"${path}" is neither terraform nor tofu, by its answer to "version": correct the path`,
      { details: { path } },
    );
  }
  const [major, minor] = FLOOR[product];
  const [isMajor = 0, isMinor = 0] = found.split('.').map(Number);
  if (isMajor < major || (isMajor === major && isMinor < minor)) {
    throw new VaultproofError('terraform_too_old', `"${path}" is ${product} ${found}: use ${major}.${minor} or newer`, {
      details: { path, version: found, floor: `${major}.${minor}` },
    });
  }
  return { product, path, version: found };
}

/** @throws Error when it could not be run */
async function version(path: string): Promise<string> {
  const env = { ...userEnvironment(), CHECKPOINT_DISABLE: '1' };
  const { exitCode, trouble, stdout } = await runGuarded({ path, args: ['version'], cwd: '/', env, limitMs: 10_000 });
  if (exitCode !== 0) throw new Error(trouble ?? `exit code ${exitCode}`);
  return stdout;
}
