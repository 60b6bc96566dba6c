const OTHERS = 0o077;

/**
 * The warning for a file with a private key that others than its owner have any right to: who may write it chooses who signs.
 * @param mode as `stat` gives it
 * @returns undefined where it is its owner's alone
 */
export function exposedKey(path: string, mode: number): string | undefined {
  if ((mode & OTHERS) === 0) return undefined;
  return `others than its owner may read or change the private key "${path}": run chmod 600 on it`;
}
