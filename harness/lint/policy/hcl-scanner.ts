import { UNKNOWN } from '../document/unknown.js';

/** What a scanner tells apart; `punctuation` is one of `{ } [ ] , =`, `unknown` what Terraform puts in later. */
export interface HclToken {
  readonly kind: 'identifier' | 'string' | 'heredoc' | 'number' | 'boolean' | 'punctuation' | 'unknown' | 'end';
  /** What it stands for: a string without its quotes and escapes. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** A text is not HCL, or not a policy. */
export class PolicySyntaxError extends Error {}

const patterns = [
  ['space', /[ \t\n\r]+/y],
  ['space', /(?:#|\/\/)[^\n]*/y],
  ['space', /\/\*.*?\*\//sy],
  ['identifier', /[A-Za-z_\p{L}][\p{L}\p{Nd}_.-]*/uy],
  ['number', /-?(?:0[xX][\da-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d*)?)|\.\d+(?:[eE][-+]?\d*)?/y],
  ['punctuation', /[{}[\],=]/y],
  ['unknown', new RegExp(UNKNOWN, 'y')],
] as const;

const escapes: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"' },
};
const NUMERIC_ESCAPE = /[0-7]{3}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}/y;

/**
 * The tokens of a text in HCL's first version, which is what Vault's policies are written in.
 * @throws PolicySyntaxError
 * @see https://github.com/hashicorp/hcl/tree/hcl1
 */
export function scanHcl(source: string): HclToken[] {
  const text = source.replaceAll('\r\n', '\n');
  const tokens: HclToken[] = [];
  let at = 0;
  let line = 1;
  const take = (kind: HclToken['kind'], value: string, end: number): void => {
    tokens.push({ kind, text: value, line });
    advance(end);
  };
  const advance = (end: number): void => {
    line += text.slice(at, end).split('\n').length - 1;
    at = end;
  };
  while (at < text.length) {
    if (text[at] === '"') {
      const { value, end } = scanString(text, at, line);
      take('string', value, end);
      continue;
    }
    if (text.startsWith('<<', at)) {
      const { value, end } = scanHeredoc(text, at, line);
      take('heredoc', value, end);
      continue;
    }
    const [kind, found] = match(text, at, line);
    if (kind === 'space') advance(at + found.length);
    else take(kind === 'identifier' && /^(?:true|false)$/.test(found) ? 'boolean' : kind, found, at + found.length);
  }
  return [...tokens, { kind: 'end', text: '', line }];
}

function match(text: string, at: number, line: number): readonly [(typeof patterns)[number][0], string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return [kind, found];
  }
  throw new PolicySyntaxError(`line ${line}: there is an illegal character`);
}

/** A string may hold `${...}`, in which quotes and escapes stand for themselves. */
function scanString(text: string, start: number, line: number): { value: string; end: number } {
  let value = '';
  let braces = 0;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] ?? '';
    if (braces === 0 && character === '"') return { value, end: at + 1 };
    if (braces === 0 && character === '\n') break;
    if (braces === 0 && character === '\\') {
      const escaped = scanEscape(text, at + 1, line);
      value += escaped.value;
      at += escaped.length;
      continue;
    }
    if (braces > 0 ? character === '{' : text.startsWith('${', at)) braces++;
    else if (braces > 0 && character === '}') braces--;
    value += character;
    if (braces === 1 && character === '$') value += text[++at] ?? '';
  }
  throw new PolicySyntaxError(`line ${line}: a string does not end`);
}

function scanEscape(text: string, at: number, line: number): { value: string; length: number } {
  const simple = escapes[text[at] ?? ''];
  if (simple !== undefined) return { value: simple, length: 1 };
  NUMERIC_ESCAPE.lastIndex = at;
  const digits = NUMERIC_ESCAPE.exec(text)?.[0];
  const code =
    digits === undefined ? Number.NaN : Number.parseInt(digits.replace(/^[xuU]/, ''), /^\d/.test(digits) ? 8 : 16);
  if (digits === undefined || code > 0x10ffff) throw new PolicySyntaxError(`line ${line}: an escape is illegal`);
  return { value: String.fromCodePoint(code), length: digits.length };
}

/** A heredoc ends at a line that has its anchor alone, and with that line's own end. */
function scanHeredoc(text: string, start: number, line: number): { value: string; end: number } {
  const opening = /<<-?([\p{L}\p{Nd}_]+)\n/uy;
  opening.lastIndex = start;
  const [head, anchor] = opening.exec(text) ?? [];
  if (head === undefined) throw new PolicySyntaxError(`line ${line}: a heredoc has no anchor`);
  const body = start + head.length;
  for (let at = body; at < text.length; ) {
    const end = text.indexOf('\n', at);
    if (end === -1) break;
    const isAnchor =
      text
        .slice(at, end)
        .replace(/^[ \t\f\v\r]*/, '')
        .replace(/\r*$/, '') === anchor;
    if (isAnchor) return { value: text.slice(body, at), end: end + 1 };
    at = end + 1;
  }
  throw new PolicySyntaxError(`line ${line}: a heredoc does not end`);
}
