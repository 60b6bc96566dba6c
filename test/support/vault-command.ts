import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartedVault } from 'vaultproof';
import { temporaryFolder } from './temporary-folder.js';

/** A folder for PATH, until the running test ends, where a server's executable is called `vault`, whichever product it is. */
export async function vaultCommand({ binFolder = '' }: Pick<StartedVault, 'binFolder'>): Promise<string> {
  const names = await readdir(binFolder);
  const executable = ['vault', 'bao'].find((name) => names.includes(name));
  if (executable === undefined) throw new Error(`"${binFolder}" has neither vault nor bao`);
  const folder = await temporaryFolder();
  await symlink(join(binFolder, executable), join(folder, 'vault'));
  return folder;
}
