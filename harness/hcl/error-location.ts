import { VaultproofError } from '../../errors/index.js';
import { type ParsedFile, placeAt } from './parse-file.js';
import { SyntaxProblem } from './syntax.js';
import { ValueProblem } from './values.js';

/** Where an expression stands. */
export interface Place {
  readonly file: Pick<ParsedFile, 'file' | 'text'>;
  /** Terraform's address of what it is a part of: `module.login.vault_policy.reader["a"]`, `local.names`. */
  readonly address: string;
  /** How its block begins in the file, to find it: `resource "vault_policy" "reader"`. */
  readonly header: string;
}

/**
 * The error for what an expression breaks, with its file, line and column where they can be told.
 * @returns errors of other kinds unchanged
 */
export function locatedError(error: unknown, place: Place, source = ''): unknown {
  if (!(error instanceof SyntaxProblem) && !(error instanceof ValueProblem)) return error;
  const code = error instanceof ValueProblem ? error.code : 'syntax_invalid';
  const where = placeOf(place, source, error.at ?? 0);
  return new VaultproofError(code, `${where}: "${place.address}": ${error.message}`, {
    details: { address: place.address, place: where },
  });
}

/** `main.tf:12:3` of an expression; of its block, or the file alone, where the expression is not found. */
export function placeOf({ file: { file, text }, header }: Place, source = '', at = 0): string {
  const block = header === '' ? -1 : text.search(headerPattern(header));
  const start = Math.max(0, block);
  const inner = /^\$\{([\s\S]*)\}$/.exec(source)?.[1];
  for (const [searched, offset] of [
    [source, at],
    [inner ?? '', Math.max(0, at - 2)],
    [/[$%]\{[^}]{1,80}/.exec(source)?.[0] ?? '', 0],
  ] as const) {
    const found = searched === '' ? -1 : text.indexOf(searched, start);
    if (found >= 0) return placeAt(file, text, found + offset);
  }
  return block < 0 ? file : placeAt(file, text, block);
}

/** In the native syntax `resource "type" "name"`, quotes being optional; in JSON the last label. */
function headerPattern(header: string): RegExp {
  const words = header.split(' ').map((word) => word.replaceAll('"', '').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const native = words.map((word) => `"?${word}"?`).join('\\s+');
  return new RegExp(`^[ \\t]*${native}|"${words.at(-1) ?? ''}"\\s*:`, 'm');
}
