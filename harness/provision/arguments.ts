/**
 * The types of arguments, with the conversions that Terraform makes: a number or a boolean where text is wanted becomes
 * text, and back.
 * @see https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
 */
import { z } from 'zod';
import { isRecord } from '../../internal/json.js';
import { DEEPEST, isTooDeep } from '../terraform-json/document.js';

/** What is wrong with an argument that must be set and is not. */
const NOT_SET = 'required, and not set';

/** What is wrong with a value, in Terraform's words and without the value, where zod has words of its own. */
export function terraformWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return NOT_SET;
  if (issue.code === 'invalid_type') {
    return `${{ array: 'list', record: 'map' }[issue.expected as string] ?? issue.expected} required`;
  }
  if (issue.code === 'invalid_value')
    return `expected one of ${issue.values.map((value) => `"${String(value)}"`).join(', ')}`;
  if (issue.code === 'unrecognized_keys') return `no argument named "${issue.keys.join('", "')}" is expected here`;
  return undefined;
}

/** Text. */
export const text = converted('string', (value) => {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
});

/** A whole number. */
export const integer = converted('whole number', (value) => {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
});

/** True or false. */
export const flag = converted('bool', (value) => {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === '1') return true;
  return value === 'false' || value === '0' ? false : undefined;
});

/** Texts in their order. */
export const textList = z.array(text);

/** Texts without an order: each once, sorted, so that another order is no change. */
export const textSet = textList.overwrite((items) => (items.length < 2 ? items : [...new Set(items)].toSorted()));

/** Texts by name. */
export const textMap = z.record(z.string(), text);

/** A map, unless it is empty: some requests leave it out then. */
export function ifAny<Map extends object>(map: Map): Map | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

/** A path without slashes at its ends, as Vault has it. */
export function withoutSlashes(path: string): string {
  return path.startsWith('/') || path.endsWith('/') ? path.replaceAll(/^\/+|\/+$/g, '') : path;
}

/**
 * A nested block, which Terraform's JSON has as an object or as a list of them.
 * @param limits how many blocks there may be; default any number
 */
export function blocks<Schema extends z.ZodType>(
  block: Schema,
  { max = Number.POSITIVE_INFINITY }: { readonly max?: number } = {},
): z.ZodPreprocess<z.ZodArray<Schema>> {
  const list = z.array(block).refine((items) => items.length <= max, `no more than ${max} of these blocks is allowed`);
  return z.preprocess((value) => (isRecord(value) ? [value] : value), list);
}

/** A JSON object as text, written as Go's encoder would: what differs in white space and order alone is the same. */
export const jsonObject = text.transform((source, context) => {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    // The parser's own message repeats a part of what may be a secret.
  }
  const isDeep = isTooDeep(value);
  if (isRecord(value) && !isDeep) return goJson(value);
  const message = isDeep ? `JSON of ${DEEPEST} levels at most required` : 'JSON object required';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** The object that {@link jsonObject} gave as text. */
export function parseObject(json: string): Readonly<Record<string, unknown>> {
  return JSON.parse(json) as Readonly<Record<string, unknown>>;
}

/** JSON as Go's encoder writes it: members sorted by name, without white space, and what HTML has a meaning for escaped. */
export function goJson(value: unknown): string {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(sorted(value)).replaceAll(/[<>&\u2028\u2029]/g, escaped);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  );
}

/**
 * A value that is converted while it is checked: most of a large configuration is made of these, and zod's pipes take
 * several times as long.
 * @param convert undefined for what can't be converted
 */
function converted<Value>(type: string, convert: (value: unknown) => Value | undefined): z.ZodType<Value> {
  const schema = z.unknown().check((payload) => {
    const { value, issues } = payload;
    const converted = convert(value);
    if (converted !== undefined) payload.value = converted;
    else {
      const message = value === undefined ? NOT_SET : `${type} required`;
      issues.push({ code: 'custom', input: value, message, continue: false });
    }
  });
  return schema as z.ZodType<Value>;
}
