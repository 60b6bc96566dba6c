import { readInput } from './key-input.js';

/** The token of the admin API in a file, or on standard input for `-`, without the line's end. */
export async function readAdminToken(path: string): Promise<string> {
  return (await readInput(path)).trim();
}
