import { inspect } from 'node:util';

/** Controls (C0, DEL, C1), what is invisible or turns the direction of a line, other line ends, and halves of a pair. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** Where a CI system begins to read a command: GitHub's `::error::` and `##[error]`, Azure's `##vso[`, `##teamcity[`. */
const WORKFLOW_COMMAND = /^(\s*):(?=:)|#(?=#[\w.]*\[)/gm;

/**
 * Text as it may be printed, wherever it comes from: what a terminal would obey or could not show is written as JSON
 * writes it (`\u001b`), and no line is a command to a CI system. Tabs and ends of lines stay. The result is printable
 * itself, and JSON stays the same JSON.
 *
 * @example
 * printable('\u001b]0;x\u0007\n::error::no'); // '\\u001b]0;x\\u0007\n\\u003a:error::no'
 */
export function printable(text: string): string {
  return withoutControls(text).replace(WORKFLOW_COMMAND, (found, before = '') => before + escaped(found.slice(-1)));
}

/** The same on one line: its ends of lines are written as `\n`. */
export function printableLine(text: string): string {
  return printable(text.replaceAll('\n', '\\n'));
}

/** The same where a line is meant to be a command to a CI system. */
export function withoutControls(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

function escaped(text: string): string {
  return [...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
}

/**
 * Has an object print as one line that says what it is, by `util.inspect`, JSON, and the printers of Vitest, Jest and Chai,
 * and keeps secrets from what enumerates its fields. They can still be read by name.
 * @param line made when it is printed, such as `VaultSession(role payments, 300 s)`; without a secret in it
 * @param hidden fields that are not enumerable from now on, which a spread leaves out
 * @returns the same object
 *
 * @example
 * printedAs({ url, token }, () => `AdminAccess(${url})`, ['token']);
 */
export function printedAs<Type extends object>(
  object: Type,
  line: () => string,
  hidden: readonly (keyof Type)[] = [],
): Type {
  for (const name of hidden) Object.defineProperty(object, name, { enumerable: false });
  const printer = { value: () => printableLine(line()), enumerable: false };
  return Object.defineProperties(object, { [inspect.custom]: printer, toJSON: printer });
}
