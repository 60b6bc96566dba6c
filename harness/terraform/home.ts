import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { userCliFiles } from './environment.js';

/**
 * Makes a HOME for what runs with Terraform: tools find no login of the user's in it. It has links to what is
 * Terraform's own, where the user has it: the CLI configuration and the logins to registries.
 * @returns its absolute path
 * @see https://developer.hashicorp.com/terraform/cli/config/config-file#locations
 */
export async function makeHome(folder: string): Promise<string> {
  const home = homeIn(folder);
  await mkdir(home, { mode: 0o700 });
  for (const { name, path } of userCliFiles()) {
    await mkdir(dirname(join(home, name)), { recursive: true });
    await symlink(path, join(home, name));
  }
  return home;
}

/** Where it is. */
export function homeIn(folder: string): string {
  return join(folder, 'home');
}
