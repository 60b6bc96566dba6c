import { z } from 'zod';
import { VaultproofError } from '../../errors/index.js';
import { hint } from '../../internal/did-you-mean.js';
import { goDurationInSeconds } from '../../internal/go-duration.js';
import { isRecord } from '../../internal/json.js';
import type { DeclaredResource } from '../terraform-json/configuration.js';
import { DEEPEST, isTooDeep } from '../terraform-json/document.js';
import type { ResolveExpressions } from '../terraform-json/templates.js';

/**
 * The types of arguments, with the conversions that Terraform makes: a number or a boolean where text is wanted becomes
 * text, and back.
 * @see https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
 */

/** What is wrong with an argument that must be set and is not. */
const NOT_SET = 'required, and not set';

/** What is wrong with a value, in Terraform's words and without the value, where zod has words of its own. */
function terraformWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return NOT_SET;
  if (issue.code === 'invalid_type') {
    return `${{ array: 'list', record: 'map' }[issue.expected as string] ?? issue.expected} required`;
  }
  if (issue.code === 'invalid_value')
    return `expected one of ${issue.values.map((value) => `"${String(value)}"`).join(', ')}`;
  if (issue.code === 'unrecognized_keys') {
    const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
    const [first = ''] = issue.keys;
    return `no argument named "${issue.keys.join('", "')}" is expected here: ${hint(first, known)}`;
  }
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

/** Texts by name. A null stands for nothing, and the provider is not told of it. */
export const textMap = z.preprocess(withoutNulls, z.record(z.string(), text));

function withoutNulls(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const entries = Object.entries(value);
  return entries.some(([, item]) => item === null)
    ? Object.fromEntries(entries.filter(([, item]) => item !== null))
    : value;
}

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
      const message = value === undefined ? NOT_SET : `${type} required${value === null ? ', and not null' : ''}`;
      issues.push({ code: 'custom', input: value, message, continue: false });
    }
  });
  return schema as z.ZodType<Value>;
}

const NOT_A_DURATION = 'expected a duration such as "30m" or "1h30m"';

/** A duration as Go writes it; the text stays. */
export const goDuration = text.refine((source) => goDurationInSeconds(source) !== undefined, NOT_A_DURATION);

/** The same in seconds: what is written as `1m` and as `60s` is the same to Consul's provider. */
export const durationInSeconds = text.transform((source, context) => {
  const seconds = goDurationInSeconds(source);
  if (seconds === undefined) context.addIssue({ code: 'custom', message: NOT_A_DURATION });
  return `${seconds}s`;
});

/** A resource type's rule for arguments taken together; it gives what is wrong. */
type ArgumentRule = (attributes: Attributes) => readonly string[];

/** Refuses arguments beside each other, as Terraform's "conflicts with". */
export function conflicts(...pairs: readonly (readonly [string, string])[]): ArgumentRule {
  return (attributes) =>
    pairs
      .filter(([one, other]) => attributes[one] !== undefined && attributes[other] !== undefined)
      .map(([one, other]) => `"${one}": conflicts with "${other}"`);
}

/** Wants for an argument another one beside it, as Terraform's "required with". */
export function needs(...pairs: readonly (readonly [string, string])[]): ArgumentRule {
  return (attributes) =>
    pairs
      .filter(([one, other]) => attributes[one] !== undefined && attributes[other] === undefined)
      .map(([one, other]) => `"${one}": "${other}" is required with it`);
}

/** Wants at least one of some arguments. */
export function atLeastOne(...names: readonly string[]): ArgumentRule {
  return (attributes) => {
    const isGiven = names.some((name) => {
      const value = attributes[name];
      if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
      return value !== undefined && value !== '';
    });
    return isGiven ? [] : [`one of ${names.join(', ')} is needed`];
  };
}

/** Arguments by Terraform's names, with its defaults, and with nothing left to resolve. */
export type Attributes = Readonly<Record<string, unknown>>;

/** What the arguments of a type must be, each alone and taken together. */
interface ArgumentRules {
  readonly schema: z.ZodObject;
  // biome-ignore lint/suspicious/noExplicitAny: each type's rules know the arguments of its schema
  readonly rules?: readonly ((attributes: any) => readonly string[])[] | undefined;
}

/**
 * Resolves the references in a declaration and checks what comes out.
 * @returns the arguments, or what is wrong with them, by argument and without their values
 */
export function parseAttributes(
  declared: DeclaredResource,
  { schema, rules = [] }: ArgumentRules,
  resolve: ResolveExpressions,
): { readonly attributes?: Attributes; readonly issues: readonly string[] } {
  const resolved: Record<string, unknown> = {};
  const unresolved = new Map<string, string>();
  for (const [name, value] of Object.entries(declared.attributes)) {
    try {
      resolved[name] = resolve(value);
    } catch (error) {
      if (!(error instanceof VaultproofError)) throw error;
      unresolved.set(name, `"${name}": ${error.message}`);
    }
  }
  const parsed = schema.safeParse(resolved, { error: terraformWords });
  const issues = [
    ...unresolved.values(),
    ...(parsed.error?.issues ?? [])
      .filter(({ path: [name] }) => !unresolved.has(String(name)))
      .map(({ path, message }) => `"${path.join('.')}": ${message}`),
  ];
  if (issues.length === 0 && parsed.data) issues.push(...rules.flatMap((rule) => rule(parsed.data)));
  return issues.length === 0 && parsed.data ? { attributes: parsed.data, issues } : { issues };
}
