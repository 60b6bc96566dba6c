import { DEEPEST, notTerraformJson } from '../../terraform-json/document.js';
import { endOfString, templateParts } from '../../terraform-json/templates.js';
import { UNKNOWN } from './document.js';

/** What an expression inside another stands for; {@link UNKNOWN} where that is not known. */
type Evaluate = (expression: string) => unknown;

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']', '(': ')' };
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * The text that `jsonencode(...)` gives, with {@link UNKNOWN} for what is not known in it.
 * @returns undefined where an expression is something else
 * @throws VaultproofError `not_terraform_json` where it is nested too deep to be looked into
 * @see https://developer.hashicorp.com/terraform/language/functions/jsonencode
 *
 * @example
 * jsonEncoded('jsonencode({ JWKSURL = var.keys, list = ["a"] })', evaluate); // {"JWKSURL":"\uFFFC","list":["a"]}
 */
export function jsonEncoded(expression: string, evaluate: Evaluate): string | undefined {
  const call = /^\s*jsonencode\s*(\([\s\S]*\))\s*$/.exec(expression)?.[1];
  if (call !== undefined && isNestedTooDeep(call)) {
    throw notTerraformJson(`"jsonencode" has brackets nested deeper than ${DEEPEST} levels`);
  }
  const inner = call === undefined ? undefined : insideOf(call);
  return inner === undefined ? undefined : JSON.stringify(evaluated(inner, evaluate));
}

/** By all brackets, those in texts as well. */
function isNestedTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[()[\]{}]/g)) {
    depth += Object.hasOwn(CLOSING, bracket) ? 1 : -1;
    if (depth > DEEPEST) return true;
  }
  return false;
}

function evaluated(written: string, evaluate: Evaluate): unknown {
  const text = written.trim();
  const inside = insideOf(text);
  if (inside !== undefined && !/^\s*for\b/.test(inside)) {
    if (text.startsWith('[')) return parts(inside)?.map((item) => evaluated(item, evaluate)) ?? UNKNOWN;
    if (text.startsWith('{')) return objectOf(inside, evaluate);
    if (text.startsWith('(')) return evaluated(inside, evaluate);
  }
  if (text.startsWith('"') && endOfString(text, 1) === text.length - 1) return stringOf(text.slice(1, -1), evaluate);
  if (/^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(text)) return JSON.parse(text);
  return evaluate(text);
}

function objectOf(inside: string, evaluate: Evaluate): unknown {
  const members = parts(inside)?.map((member) => {
    const [, key = '', value = ''] = /^\s*("(?:[^"\\]|\\.)*"|\([^()]*\)|[\w-]+)\s*[=:]([\s\S]*)$/.exec(member) ?? [];
    return [/^[\w-]+$/.test(key) ? key : String(evaluated(key, evaluate)), value.trim()] as const;
  });
  if (members === undefined || members.some(([, value]) => value === '')) return UNKNOWN;
  return Object.fromEntries(members.map(([key, value]) => [key, evaluated(value, evaluate)]));
}

/** A quoted text: escapes undone, and what stands in it for something else. */
function stringOf(quoted: string, evaluate: Evaluate): unknown {
  const values = templateParts(quoted)?.map(({ kind, text }) => {
    if (kind === 'text') return unescaped(text);
    return kind === 'expression' ? evaluate(text) : UNKNOWN;
  });
  if (values === undefined) return UNKNOWN;
  return values.length === 1
    ? values[0]
    : values.map((one) => (typeof one === 'object' ? UNKNOWN : String(one))).join('');
}

function unescaped(text: string): string {
  return text.replace(/\\(?:u([\da-fA-F]{4})|(.))/g, (_, code: string | undefined, sign = '') =>
    code === undefined ? (ESCAPES[sign] ?? sign) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** What is between a bracket at the beginning of a text and the one at its end that closes it. */
function insideOf(text: string): string | undefined {
  const [bracket = ''] = text;
  return Object.hasOwn(CLOSING, bracket) && endOfBracket(text, 0) === text.length - 1 ? text.slice(1, -1) : undefined;
}

/** What commas and line ends separate, without comments; undefined where brackets or quotes don't close. */
function parts(text: string): string[] | undefined {
  const found = [''];
  for (let at = 0; at < text.length; at++) {
    const comment = /^(?:#|\/\/)[^\n]*|^\/\*[\s\S]*?\*\//.exec(text.slice(at))?.[0];
    if (comment !== undefined) {
      at += comment.length - 1;
      continue;
    }
    const character = text[at] ?? '';
    if (character === ',' || character === '\n') {
      found.push('');
      continue;
    }
    const end = endOf(text, at);
    if (end === undefined) return undefined;
    found[found.length - 1] += text.slice(at, end + 1);
    at = end;
  }
  return found.filter((one) => one.trim() !== '');
}

/** Where a sign ends: a quote or a bracket with what closes it, any other by itself. */
function endOf(text: string, at: number): number | undefined {
  const character = text[at] ?? '';
  if (character === '"') return endOfString(text, at + 1);
  return Object.hasOwn(CLOSING, character) ? endOfBracket(text, at) : at;
}

function endOfBracket(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === CLOSING[text[start] ?? '']) return at;
    const end = endOf(text, at);
    if (end === undefined) return undefined;
    at = end;
  }
  return undefined;
}
