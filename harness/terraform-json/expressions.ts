import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { mapStrings, normalised } from './strings.js';
import { scanTemplate, withoutLiterals } from './template.js';

/** A reference to another resource's or a data source's attribute: `${vault_mount.kv.path}`. */
export interface Reference {
  /** `vault_mount.kv`, `data.vault_policy_document.reader` */
  readonly address: string;
  /** `path` */
  readonly attribute: string;
}

const REFERENCE = String.raw`\s*((?:data\.)?(?!data\.)[a-z][a-z0-9_]*\.[A-Za-z_][A-Za-z0-9_-]*)\.([a-z][a-z0-9_]*)\s*`;
const EXPRESSION = new RegExp(`^${REFERENCE}$`);
/** Text that is nothing but a reference, as most text with one is. */
const ALONE = new RegExp(`^\\$\\{${REFERENCE}\\}$`);

/** The references in a value, and its other expressions, without their literals. */
export function findExpressions(value: unknown): { references: Reference[]; unsupported: string[] } {
  const references: Reference[] = [];
  const unsupported: string[] = [];
  eachString(value, (text) => {
    const alone = referenceAlone(text);
    if (alone) {
      references.push(alone);
      return;
    }
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
    const alone = referenceAlone(text);
    if (alone) return lookUp(alone);
    const parts = scanTemplate(text).map((part) => {
      if (part.kind === 'text') return part.text;
      const reference = part.kind === 'expression' ? parseReference(part.text) : undefined;
      return reference ? inText(lookUp(reference), asWritten(part)) : asWritten(part);
    });
    return normalised(parts.join(''));
  };
  return (value) => mapTemplates(value, resolve);
}

function asWritten({ kind, text }: ReturnType<typeof scanTemplate>[number]): string {
  if (kind === 'expression') return `\${${text}}`;
  return kind === 'directive' ? `%{${text}}` : text;
}

/** An expression, without its braces, as a reference to an attribute; undefined where it is something else. */
export function parseReference(expression: string): Reference | undefined {
  return referenceIn(EXPRESSION, expression);
}

/** The reference that a text is; many resources in turn have the same one, which is kept. */
function referenceAlone(text: string): Reference | undefined {
  if (text !== latest?.text) latest = { text, reference: referenceIn(ALONE, text) };
  return latest.reference;
}

let latest: { readonly text: string; readonly reference: Reference | undefined } | undefined;

function referenceIn(pattern: RegExp, text: string): Reference | undefined {
  const [, address, attribute] = pattern.exec(text) ?? [];
  return address === undefined || attribute === undefined ? undefined : { address, attribute };
}

function inText(value: unknown, expression: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  const problem = value === undefined || value === null ? 'has no value' : 'is not a string, number or bool';
  throw new VaultproofError('declaration_invalid', `"${expression}" ${problem} and can't be a part of a string`, {
    details: { expression },
  });
}

/** Most text is none, which is found out faster than by an expression. */
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
