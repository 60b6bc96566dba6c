// Whoever reads us may have had enough, as `head` has: that is the end, not a crash. What runs is stopped by the guardian.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

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
