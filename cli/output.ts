import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { styleText } from 'node:util';
import type { Report } from '../harness/index.js';
import { printable, printableLine, withoutControls } from '../internal/printable.js';
import { exitCodes } from './exit.js';

/** Of this package, such as `0.1.0`. */
export const { version } = createRequire(import.meta.url)('vaultproof/package.json') as { readonly version: string };

/** A page of the documentation: its path from here, or its URL where this package is not in the project. */
export function documentation(page: string): string {
  const root = dirname(createRequire(import.meta.url).resolve('vaultproof/package.json'));
  const path = relative('', join(root, 'docs', page));
  return path.startsWith('..') ? documentationUrl(page) : path;
}

/** Its URL. */
export function documentationUrl(page: string): string {
  return `https://github.com/vaultproof/vaultproof/blob/main/docs/${page}`;
}

// A reader may close the pipe early, as `head` does: that is the end, not a crash, and no other verdict than the one that
// is there. What runs is stopped by the guardian.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCodes.closedPipe);
    if (stream === process.stdout)
      note(`output_unwritable: standard output can't be written (${error.code}): make room`);
    process.exit(process.exitCode || exitCodes.noEnvironment);
  });
}

/** Whether the last line on the terminal is one that the next replaces. */
let passing = false;
const ERASE_LINE = '\r\x1b[2K';

/** How a line begins on a terminal: good is green, bad red, and what is worth a look yellow. */
export type Mark = 'green' | 'yellow' | 'red' | 'dim';

/**
 * Writes one line to standard output: what the command is for. It is {@link printableLine}, wherever it comes from.
 * @param mark colours its beginning, up to two spaces or the end
 */
export function print(line: string, mark?: Mark): void {
  const text = printableLine(line);
  write(process.stdout, mark === undefined ? text : text.replace(/\S.*?(?=\s{2}|$)/, (begin) => styled(mark, begin)));
}

/** Writes text of several lines to standard output, each of them {@link printable}. */
export function printLines(text: string): void {
  write(process.stdout, printable(text));
}

/** Text of our own in a colour or in bold, on a terminal alone and without NO_COLOR (https://no-color.org). */
export function styled(format: Parameters<typeof styleText>[0], text: string, stream = process.stdout): string {
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY && !NO_COLOR && TERM !== 'dumb' ? styleText(format, text) : text;
}

/** Writes our own text, with its colours. */
export function printStyled(text: string): void {
  write(process.stdout, text);
}

/**
 * Writes to standard error: progress, and what went wrong. It is {@link printable}, and what is not its first line is
 * indented, so that no part of a message looks like another one. On a terminal its `progress` keeps one line there that
 * says how far something is.
 */
export const note: Report = Object.assign(
  (text: string): void => write(process.stderr, printable(text).replaceAll('\n', '\n  ')),
  process.stderr.isTTY ? { progress } : {},
);

/** Writes a command to the CI system, whose data is escaped as that system has it, to standard output. */
export function printCommand(command: string): void {
  write(process.stdout, withoutControls(command));
}

/** Has a CI system strike a secret out of its logs, before the secret is printed. Only GitHub Actions can so far. */
export function mask(secret: string): void {
  if (process.env['GITHUB_ACTIONS'] !== 'true') return;
  write(process.stderr, withoutControls(`::add-mask::${commandData(secret)}`));
}

/** What an annotation of GitHub Actions is about. */
interface AnnotationPlace {
  /** Default none; so is `-`, standard input. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly title: string;
}

/**
 * An annotation of GitHub Actions, which shows it beside the line of a pull request.
 * @param level such as `warning`
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function annotation(level: string, { file, line, title }: AnnotationPlace, text: string): string {
  const properties: (readonly [string, string])[] = [
    ...(file === undefined || file === '-' ? [] : [['file', file] as const]),
    ...(line === undefined ? [] : [['line', String(line)] as const]),
    ['title', title],
  ];
  const written = properties.map(([name, value]) => `${name}=${commandData(value, /[%\r\n:,]/g)}`).join(',');
  return `::${level} ${written}::${commandData(text)}`;
}

function commandData(text: string, special = /[%\r\n]/g): string {
  return text.replace(special, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** Such as `2 logins`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function write(stream: NodeJS.WriteStream, text: string): void {
  endPassing();
  stream.write(`${text}\n`);
}

function progress(line: string): void {
  const width = process.stderr.columns - 1;
  process.stderr.write(`${ERASE_LINE}${printableLine(line).slice(0, width)}`);
  passing = true;
}

function endPassing(): void {
  if (!passing) return;
  passing = false;
  process.stderr.write(ERASE_LINE);
}
