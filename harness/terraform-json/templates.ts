import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';

/** A reference to another resource's or a data source's attribute: `${vault_mount.kv.path}`. */
export interface Reference {
  /** `vault_mount.kv`, `data.vault_policy_document.reader` */
  readonly address: string;
  /** `path` */
  readonly attribute: string;
}

const REFERENCE = String.raw`\s*((?:data\.)?(?!data\.)[a-z][a-z0-9_]*\.[A-Za-z_][A-Za-z0-9_-]*)\.([a-z][a-z0-9_]*)\s*`;
const EXPRESSION = new RegExp(`^${REFERENCE}$`);

/** The references in a value, and its other expressions, without their literals. */
export function findExpressions(value: unknown): { references: Reference[]; unsupported: string[] } {
  const references: Reference[] = [];
  const unsupported: string[] = [];
  eachString(value, (text) => {
    for (const part of scanTemplate(text)) {
      if (part.kind === 'text') continue;
      const reference = part.kind === 'expression' ? parseReference(part.text) : undefined;
      if (reference) references.push(reference);
      else unsupported.push(part.kind === 'endless' ? `${part.text.slice(0, 2)}...` : withoutLiterals(asWritten(part)));
    }
  });
  return { references, unsupported };
}

/** Gives a value with everything in it resolved, see {@link expressionResolver}. */
export type ResolveExpressions = (value: unknown) => unknown;

/**
 * Makes a function that replaces references by what they stand for and escapes by the text they stand for. A string
 * that is nothing but a reference takes the value's own type. The function throws VaultproofError
 * `declaration_invalid` for a value inside a string that is neither string, number nor boolean.
 */
export function expressionResolver(lookUp: (reference: Reference) => unknown): ResolveExpressions {
  const resolve = (text: string): unknown => {
    const parts = scanTemplate(text).map((part) => {
      const reference = part.kind === 'expression' ? parseReference(part.text) : undefined;
      return { part, reference };
    });
    const [first] = parts;
    if (first?.reference && parts.length === 1) return lookUp(first.reference);
    const texts = parts.map(({ part, reference }) =>
      reference ? inText(lookUp(reference), asWritten(part)) : asWritten(part),
    );
    return normalised(texts.join(''));
  };
  return (value) => mapTemplates(value, resolve);
}

function asWritten({ kind, text }: ReturnType<typeof scanTemplate>[number]): string {
  if (kind === 'expression') return `\${${text}}`;
  return kind === 'directive' ? `%{${text}}` : text;
}

/** An expression, without its braces, as a reference to an attribute; undefined where it is something else. */
export function parseReference(expression: string): Reference | undefined {
  const [, address, attribute] = EXPRESSION.exec(expression) ?? [];
  return address === undefined || attribute === undefined ? undefined : { address, attribute };
}

/** A reference that the syntax takes as it is and as an expression, as it is. */
export function bareReference(reference: string): string {
  return reference.replace(/^\$\{\s*(.*?)\s*\}$/, '$1');
}

function inText(value: unknown, expression: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  const problem = value === undefined || value === null ? 'has no value' : 'is not a string, number or bool';
  throw new VaultproofError('declaration_invalid', `"${expression}" ${problem} and can't be a part of a string`, {
    details: { expression },
  });
}

function mayBeTemplate(text: string): boolean {
  return text.includes('${') || text.includes('%{');
}

function eachString(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') {
    if (mayBeTemplate(value)) visit(value);
  } else if (Array.isArray(value)) {
    for (const item of value) eachString(item, visit);
  } else if (isRecord(value)) {
    for (const name of Object.keys(value)) {
      eachString(name, visit);
      eachString(value[name], visit);
    }
  }
}

/** A value with every string in it changed that may have expressions, as {@link mapStrings} does. */
export function mapTemplates(value: unknown, change: (text: string) => unknown): unknown {
  return mapStrings(value, (text) => (mayBeTemplate(text) ? change(text) : text));
}

/** A piece of a template: text that stands for itself, an expression of `${...}`, or a directive of `%{...}`. */
interface TemplatePart {
  readonly kind: 'text' | 'expression' | 'directive';
  /** The text with its escapes undone; what stands between the braces. */
  readonly text: string;
}

/** The same, or an expression or a directive that does not end, with all that is left. */
type ScannedPart = TemplatePart | { readonly kind: 'endless'; readonly text: string };

/**
 * Takes a template of Terraform apart. An expression ends at the brace that closes it, whatever quotes and braces are in
 * it.
 * @returns undefined where an expression does not end
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#string-templates
 */
export function templateParts(template: string): readonly TemplatePart[] | undefined {
  const parts = scanTemplate(template);
  return parts.every((part) => part.kind !== 'endless') ? parts : undefined;
}

/** The same, with what does not end as the last part. */
function scanTemplate(template: string): readonly ScannedPart[] {
  const parts: ScannedPart[] = [];
  let text = '';
  const endText = (): void => {
    if (text !== '') parts.push({ kind: 'text', text });
    text = '';
  };
  for (let at = 0; at < template.length; at++) {
    if (template.startsWith('$${', at) || template.startsWith('%%{', at)) {
      text += template.slice(at + 1, at + 3);
      at += 2;
      continue;
    }
    if (!opens(template, at)) {
      text += template[at];
      continue;
    }
    endText();
    const end = endOfExpression(template, at + 2);
    if (end === undefined) return [...parts, { kind: 'endless', text: template.slice(at) }];
    parts.push({ kind: template[at] === '$' ? 'expression' : 'directive', text: template.slice(at + 2, end) });
    at = end;
  }
  endText();
  return parts;
}

/** Where the brace is that closes an expression which begins at `start`. Strings in it are templates themselves. */
function endOfExpression(template: string, start: number): number | undefined {
  const open: ('"' | '{')[] = ['{'];
  for (let at = start; at < template.length; at++) {
    const character = template[at];
    if (open.at(-1) === '"') {
      if (character === '\\') at++;
      else if (character === '"') open.pop();
      else if (opens(template, at)) {
        open.push('{');
        at++;
      }
    } else if (character === '"' || character === '{') open.push(character);
    else if (character === '}') {
      open.pop();
      if (open.length === 0) return at;
    }
  }
  return undefined;
}

/**
 * An expression without its strings, numbers and whatever does not end, any of which may be a secret: names of functions
 * and references are left.
 *
 * @example
 * withoutLiterals('\${sha256("s3cret")}'); // '${sha256("...")}'
 */
export function withoutLiterals(expression: string): string {
  let kept = '';
  for (let at = 0; at < expression.length; at++) {
    if (expression[at] !== '"') {
      kept += expression[at];
      continue;
    }
    const end = endOfString(expression, at + 1);
    kept += '"..."';
    if (end === undefined) break;
    at = end;
  }
  // What stands alone is a number; in a name, or as an index, it is none.
  return kept.replace(/<<.*/s, '<<...').replace(/(?<![\w.[-])\d[\w.]*/g, '...');
}

/** Where the quote is that closes a string which begins at `start`. */
export function endOfString(template: string, start: number): number | undefined {
  for (let at = start; at < template.length; at++) {
    if (template[at] === '\\') at++;
    else if (template[at] === '"') return at;
    else if (opens(template, at)) {
      const end = endOfExpression(template, at + 2);
      if (end === undefined) return undefined;
      at = end;
    }
  }
  return undefined;
}

function opens(template: string, at: number): boolean {
  const isEscaped = template[at] === template[at - 1];
  return !isEscaped && (template.startsWith('${', at) || template.startsWith('%{', at));
}

/**
 * A value with every string in it changed, at any depth, the names of members included. What has no string that changes is not
 * copied, which is nearly all of most configurations.
 */
export function mapStrings(value: unknown, change: (text: string) => unknown): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => mapStrings(item, change));
    return items.every((item, at) => item === value[at]) ? value : items;
  }
  if (!isRecord(value)) return value;
  const names = Object.keys(value);
  const members = names.map((name) => mapStrings(value[name], change));
  const isSame = names.every((name, at) => change(name) === name && members[at] === value[name]);
  return isSame ? value : Object.fromEntries(names.map((name, at) => [String(change(name)), members[at]]));
}

/**
 * A string in Unicode's Normalization Form C, as Terraform keeps every string.
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings
 */
export function normalised(text: string): string {
  return BEYOND_ASCII.test(text) ? text.normalize('NFC') : text;
}

const BEYOND_ASCII = /[^\0-\x7f]/;
