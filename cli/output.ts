import type { Report } from '../harness/index.js';

// Whoever reads us may have had enough, as `head` has: that is the end, not a crash. What runs is stopped by the guardian.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

/** Whether the last line on the terminal is one that the next replaces. */
let passing = false;
const ERASE_LINE = '\r\x1b[2K';

/** Writes a line to standard output: what the command is for. */
export function print(line: string): void {
  endPassing();
  process.stdout.write(`${line}\n`);
}

/**
 * Writes a line to standard error: progress, and what went wrong. On a terminal its `progress` keeps one line there that
 * says how far something is.
 */
export const note: Report = Object.assign(
  (line: string): void => {
    endPassing();
    process.stderr.write(`${line}\n`);
  },
  process.stderr.isTTY ? { progress } : {},
);

function progress(line: string): void {
  const width = process.stderr.columns - 1;
  process.stderr.write(`${ERASE_LINE}${line.slice(0, width)}`);
  passing = true;
}

function endPassing(): void {
  if (!passing) return;
  passing = false;
  process.stderr.write(ERASE_LINE);
}

/** Has a CI system strike a secret out of its logs, before the secret is printed. Only GitHub Actions can so far. */
export function mask(secret: string): void {
  if (process.env['GITHUB_ACTIONS'] === 'true') note(`::add-mask::${secret}`);
}
