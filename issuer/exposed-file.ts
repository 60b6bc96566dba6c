const OTHERS = 0o077;

/**
 * The warning for a file with a secret, or that says who gets in, that others than its owner have any right to.
 * @param what what it holds, for example `private key`
 * @param mode as `stat` gives it
 * @returns undefined where it is its owner's alone
 */
export function exposedFile(what: string, path: string, mode: number): string | undefined {
  if ((mode & OTHERS) === 0) return undefined;
  return `other users than the owner can read or change the ${what} "${path}": run chmod 600 on it`;
}
