/** Writes a line to standard output: what the command is for. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line to standard error: progress, and what went wrong. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Has a CI system strike a secret out of its logs, before the secret is printed. Only GitHub Actions can so far. */
export function mask(secret: string): void {
  if (process.env['GITHUB_ACTIONS'] === 'true') note(`::add-mask::${secret}`);
}
