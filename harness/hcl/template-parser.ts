import { type ForNode, type Node, SyntaxProblem } from './syntax.js';

/** What reads the expressions of a template, from `at` on. */
export interface ExpressionReader {
  readonly at: number;
  expression(): Node;
  identifier(): string | undefined;
  forIntroduction(): Pick<ForNode, 'names' | 'collection'>;
  accept(text: string): boolean;
  expect(text: string): void;
}

/** Makes one that begins at an offset. */
type ReaderAt = (source: string, at: number) => ExpressionReader;

/** A template and where it ends in the source. */
interface Parsed {
  readonly node: Node;
  readonly end: number;
}

/** A piece of a template before directives are nested. Text is by line, as whitespace is stripped by line. */
type Piece =
  | { readonly kind: 'text'; text: string; readonly at: number }
  | { readonly kind: 'value'; readonly node: Node; readonly at: number }
  | { readonly kind: 'if'; readonly condition: Node; readonly at: number }
  | { readonly kind: 'for'; readonly introduction: Pick<ForNode, 'names' | 'collection'>; readonly at: number }
  | { readonly kind: 'else'; readonly at: number }
  | { readonly kind: 'endif'; readonly at: number }
  | { readonly kind: 'endfor'; readonly at: number };

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/**
 * Parses a template that is a whole string, such as a file's content: without quotes and without escapes.
 * @throws SyntaxProblem
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#string-templates
 */
export function wholeTemplate(source: string, readerAt: ReaderAt): Node {
  const pieces: Piece[] = [];
  readInto(pieces, { source, at: 0, end: source.length, isQuoted: false, readerAt });
  return nested(pieces, 0);
}

/** Parses a quoted template; `at` is after the quote. */
export function quotedTemplate(source: string, at: number, readerAt: ReaderAt): Parsed {
  const pieces: Piece[] = [];
  const end = readInto(pieces, { source, at, end: source.length, isQuoted: true, readerAt });
  if (source[end] !== '"') throw new SyntaxProblem('the string does not end', at - 1);
  return { node: nested(pieces, at - 1), end: end + 1 };
}

/** Parses a heredoc, from its `<<`. */
export function heredocTemplate(source: string, at: number, readerAt: ReaderAt): Parsed {
  const [introduction, flush, marker] =
    /^<<(-?)([\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n/u.exec(source.slice(at)) ?? [];
  if (introduction === undefined || marker === undefined) {
    throw new SyntaxProblem('expected a marker and a new line after "<<"', at);
  }
  const start = at + introduction.length;
  const closing = new RegExp(`^[ \\t]*${marker}(?=[ \\t]*\\r?$)`, 'mu');
  const found = closing.exec(source.slice(start));
  if (!found) throw new SyntaxProblem(`the heredoc does not end with "${marker}"`, at);
  const pieces: Piece[] = [];
  readInto(pieces, { source, at: start, end: start + found.index, isQuoted: false, readerAt });
  if (flush === '-') unindent(pieces);
  return { node: nested(pieces, at), end: start + found.index + found[0].length };
}

interface Range {
  readonly source: string;
  readonly at: number;
  readonly end: number;
  readonly isQuoted: boolean;
  readonly readerAt: ReaderAt;
}

/** @returns where it stopped: at the end, or at the quote that closes it */
function readInto(pieces: Piece[], { source, at: start, end, isQuoted, readerAt }: Range): number {
  let at = start;
  let text = '';
  let stripNext = false;
  const endText = (): void => {
    if (text === '') return;
    pieces.push({ kind: 'text', text: stripNext ? text.trimStart() : text, at });
    text = '';
    stripNext = false;
  };
  while (at < end) {
    const character = source[at] ?? '';
    if (isQuoted && character === '"') break;
    if (source.startsWith('$${', at) || source.startsWith('%%{', at)) {
      text += source.slice(at + 1, at + 3);
      at += 3;
    } else if (isQuoted && character === '\\') {
      const escaped = readEscape(source, at);
      text += escaped.text;
      at = escaped.end;
    } else if (isQuoted && character === '\n') {
      throw new SyntaxProblem('a quoted string ends on its line: use a heredoc for several', at);
    } else if (source.startsWith('${', at) || source.startsWith('%{', at)) {
      endText();
      const isDirective = character === '%';
      const strip = source[at + 2] === '~';
      const last = pieces.at(-1);
      if (strip && last?.kind === 'text') last.text = last.text.trimEnd();
      const parser = readerAt(source, at + (strip ? 3 : 2));
      pieces.push(isDirective ? directive(parser, at) : { kind: 'value', node: parser.expression(), at });
      stripNext = parser.accept('~');
      parser.expect('}');
      at = parser.at;
    } else {
      text += character;
      at++;
      if (character === '\n') endText();
    }
  }
  endText();
  return at;
}

function readEscape(source: string, at: number): { readonly text: string; readonly end: number } {
  const character = source[at + 1] ?? '';
  const plain = ESCAPES[character];
  if (plain !== undefined) return { text: plain, end: at + 2 };
  const length = character === 'u' ? 4 : 8;
  const digits = source.slice(at + 2, at + 2 + length);
  if ((character === 'u' || character === 'U') && digits.length === length && /^[\da-f]+$/i.test(digits)) {
    return { text: String.fromCodePoint(Number.parseInt(digits, 16)), end: at + 2 + length };
  }
  throw new SyntaxProblem(`"\\${character}" is not an escape sequence`, at);
}

function directive(parser: ExpressionReader, at: number): Piece {
  const word = parser.identifier();
  if (word === 'if') return { kind: 'if', condition: parser.expression(), at };
  if (word === 'for') return { kind: 'for', introduction: parser.forIntroduction(), at };
  if (word === 'else' || word === 'endif' || word === 'endfor') return { kind: word, at };
  throw new SyntaxProblem(`"${word ?? ''}" is not a template directive: use if, else, endif, for or endfor`, at);
}

/** Takes the indentation that all lines share from a heredoc with `<<-`. */
function unindent(pieces: readonly Piece[]): void {
  let least = Number.POSITIVE_INFINITY;
  const starts: Extract<Piece, { kind: 'text' }>[] = [];
  let isLineStart = true;
  for (const piece of pieces) {
    if (isLineStart) {
      isLineStart = false;
      if (piece.kind !== 'text') least = 0;
      else if (piece.text.trimStart() !== '' || !piece.text.endsWith('\n')) {
        least = Math.min(least, piece.text.length - piece.text.trimStart().length);
        starts.push(piece);
      }
    }
    if (piece.kind === 'text' && piece.text.endsWith('\n')) isLineStart = true;
  }
  for (const piece of starts) piece.text = piece.text.slice(least);
}

/** Nests directives. One value alone keeps its type. */
function nested(pieces: readonly Piece[], at: number): Node {
  const [only] = pieces;
  if (pieces.length === 1 && only?.kind === 'value') return only.node;
  const rest = [...pieces];
  const node = sequence(rest, at, []);
  const [left] = rest;
  if (left) throw new SyntaxProblem(`"${left.kind}" has nothing to end`, left.at);
  return node;
}

function sequence(rest: Piece[], at: number, ends: readonly Piece['kind'][]): Node {
  const parts: Node[] = [];
  for (;;) {
    const [piece] = rest;
    if (!piece || ends.includes(piece.kind)) break;
    if (piece.kind === 'else' || piece.kind === 'endif' || piece.kind === 'endfor') break;
    rest.shift();
    if (piece.kind === 'text') parts.push({ kind: 'literal', value: piece.text, at: piece.at });
    else if (piece.kind === 'value') parts.push(piece.node);
    else if (piece.kind === 'if') parts.push(conditional(piece, rest));
    else {
      const value = sequence(rest, piece.at, ['endfor']);
      expectPiece(rest, 'endfor', piece.at);
      parts.push({ kind: 'repeat', ...piece.introduction, value, at: piece.at });
    }
  }
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'literal') return only;
  return { kind: 'template', parts, at };
}

function conditional({ condition, at }: Extract<Piece, { kind: 'if' }>, rest: Piece[]): Node {
  const yes = sequence(rest, at, ['else', 'endif']);
  const hasElse = rest[0]?.kind === 'else';
  if (hasElse) rest.shift();
  const no = hasElse ? sequence(rest, at, ['endif']) : ({ kind: 'literal', value: '', at } as const);
  expectPiece(rest, 'endif', at);
  return { kind: 'conditional', condition, yes, no, at };
}

function expectPiece(rest: Piece[], kind: Piece['kind'], at: number): void {
  if (rest.shift()?.kind !== kind) throw new SyntaxProblem(`the directive does not end with "${kind}"`, at);
}
