/**
 * The SHA-256 of `fileName` in a SHA256SUMS file (lines of 64 hexadecimal digits, two spaces, a file name), in lower
 * case; undefined if it is not listed.
 */
export function sumFor(sums: string, fileName: string): string | undefined {
  for (const line of sums.split('\n')) {
    const [, sum, name] = /^([0-9a-fA-F]{64}) [ *](\S+)\s*$/.exec(line) ?? [];
    if (name === fileName) return sum?.toLowerCase();
  }
  return undefined;
}
