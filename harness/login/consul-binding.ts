import { isRecord } from '../../internal/json.js';
import { parseSelector, type Selector, type SelectorMatch, SelectorSyntaxError } from '../../stacks/consul-selector.js';
import { claimOf, matchesOf, operatorsRequiringPresence, patternTruth } from '../../stacks/consul-selector-analysis.js';
import { claimAt, type ReadToken } from './token-claims.js';

type Fields = Readonly<Record<string, unknown>>;

/** A binding rule that a login was checked against. */
export interface TriedBindingRule {
  readonly id: string;
  /** `service`, `node`, `role`, `policy` or `templated-policy`. */
  readonly bindType: string;
  /** As it is declared, with its `${value.x}`. */
  readonly bindName: string;
  /** What makes the name: `bindName`, and for a templated policy the `Name` of its `BindVars`. */
  readonly template: string;
  /** That with the token's values in it. */
  readonly name: string;
  /** Empty for a rule that binds everybody. */
  readonly selector: string;
  /** Whether the selector matches; undefined where only Consul can say. */
  readonly matched: boolean | undefined;
  /** What the selector and the bind name saw: `value.x` and `list.x`, null for a claim that the token lacks. */
  readonly values: SelectableValues;
  /** Whether there is a role or a policy of the name; undefined for other types, and where it could not be read. */
  readonly exists: boolean | undefined;
  /** Mistakes that explain what was seen, such as a field that the auth method does not map. */
  readonly notes: readonly string[];
}

/** What rules are held against. */
interface SeenToken {
  /** The auth method's `Config`. */
  readonly config: Fields;
  readonly claims: ReadToken['claims'];
  /** The claims as the config maps them. */
  readonly values: SelectableValues;
}

/** The names of the roles and policies that rules may bind, as far as they could be read. */
export interface BindableNames {
  readonly role?: readonly string[] | undefined;
  readonly policy?: readonly string[] | undefined;
}

/** Holds what a token carries to binding rules, as Consul lists them. */
export function triedRules(rules: readonly Fields[], token: SeenToken, names: BindableNames): TriedBindingRule[] {
  const { values } = token;
  return rules.map((rule) => {
    const [id, bindType, bindName, selector] = ['ID', 'BindType', 'BindName', 'Selector'].map((field) =>
      String(rule[field] ?? ''),
    ) as [string, string, string, string];
    const template = templateOf(rule, bindType, bindName);
    const name = filledIn(template, values);
    const { matched, fields, literals } = selectorVerdict(selector, values);
    const shown = [...new Set([...fields, ...fieldsIn(template)])];
    return {
      ...{ id, bindType, bindName, template, name, selector, matched },
      values: Object.fromEntries(shown.map((field) => [field, values[field] ?? null])),
      exists: isBindable(bindType) ? names[bindType]?.includes(name.toLowerCase()) : undefined,
      notes: [...shown.flatMap((field) => mappingNote(field, token)), ...literals.map(literalNote)],
    };
  });
}

function templateOf(rule: Fields, bindType: string, bindName: string): string {
  if (bindType !== 'templated-policy') return bindName;
  // Consul takes the name of this field in either case, and answers with it in lower case.
  const variables = isRecord(rule['BindVars']) ? rule['BindVars'] : {};
  return String(variables['name'] ?? variables['Name'] ?? '');
}

function isBindable(bindType: string): bindType is keyof BindableNames {
  return bindType === 'role' || bindType === 'policy';
}

const FIELD = /\$\{\s*(value\.[\w.-]+)\s*\}/g;

function fieldsIn(template: string): string[] {
  return [...template.matchAll(FIELD)].map(([, field = '']) => field);
}

/** A template with the token's values in it, in lower case as Consul fills them in. */
function filledIn(template: string, values: SelectableValues): string {
  return template.replaceAll(FIELD, (_whole, field: string) => String(values[field] ?? '').toLowerCase());
}

/** Why a field is null that the token seems to have. */
function mappingNote(field: string, { config, claims, values }: SeenToken): string[] {
  if (values[field] !== undefined && values[field] !== null) return [];
  const [kind = '', name = ''] = [field.slice(0, field.indexOf('.')), field.slice(field.indexOf('.') + 1)];
  const [mappings, other] =
    kind === 'list' ? ['ListClaimMappings', 'ClaimMappings'] : ['ClaimMappings', 'ListClaimMappings'];
  const mapped = pairsOf(config[mappings]);
  if (!(field in values)) {
    const turned = mapped.find(([claim]) => claim === name);
    if (turned !== undefined) {
      return [`"${field}" is not mapped: ${mappings} maps the claim "${turned[0]}" to "${kind}.${turned[1]}"`];
    }
    const elsewhere = pairsOf(config[other]).some(([, target]) => target === name);
    return [
      elsewhere
        ? `"${field}" is not mapped: ${other} maps it, as "${other === 'ClaimMappings' ? 'value' : 'list'}.${name}"`
        : `"${field}" is not mapped: add the claim to ${mappings}`,
    ];
  }
  const nested = mapped.find(([claim, target]) => target === name && isPathIn(claim, claims))?.[0];
  if (nested !== undefined) {
    const pointer = `/${nested.replaceAll(/[./]/g, '/')}`;
    return [`the token has "${nested}" as a part of a claim: write "${pointer}" in ${mappings}`];
  }
  const turned = mapped.find(([claim, target]) => target === name && Object.hasOwn(claims, target) && claim !== target);
  if (turned === undefined) return [];
  const [claim, target] = turned;
  return [
    `${mappings} maps the claim "${claim}", which the token lacks, to "${target}", and the token has a claim "${target}": ` +
      'the mapping may be the wrong way round, a claim comes first',
  ];
}

/** Whether a name that is no pointer leads to a part of a claim. */
function isPathIn(claim: string, claims: ReadToken['claims']): boolean {
  const parts = claim.split(/[./]/);
  if (claim.startsWith('/') || parts.length < 2) return false;
  const found = parts.reduce<unknown>((value, part) => (isRecord(value) ? value[part] : undefined), claims);
  return found !== undefined;
}

function pairsOf(mappings: unknown): [claim: string, name: string][] {
  return isRecord(mappings) ? Object.entries(mappings).map(([claim, name]) => [claim, String(name)]) : [];
}

function literalNote(literal: string): string {
  return `the selector compares with the string ${JSON.stringify(literal)}, not with another field`;
}

/**
 * What selectors and bind names see of a token: strings under `value.<name>`, lists of strings under `list.<name>`. null
 * stands for a claim that the token lacks.
 */
export type SelectableValues = Readonly<Record<string, string | readonly string[] | null>>;

/**
 * Maps a token's claims as an auth method's `ClaimMappings` and `ListClaimMappings` say. As in Consul, numbers lose what is
 * behind the point, a single value is a list of one, and empty strings drop out of lists.
 * @param config the auth method's `Config`
 * @see https://developer.hashicorp.com/consul/docs/security/acl/auth-methods/jwt#claim-mapping
 */
export function selectableValues(
  config: Readonly<Record<string, unknown>>,
  claims: ReadToken['claims'],
): SelectableValues {
  const values = mappings(config['ClaimMappings']).map(([claim, name]) => {
    return [`value.${name}`, stringOf(claimAt(claims, claim))] as const;
  });
  const lists = mappings(config['ListClaimMappings']).map(([claim, name]) => {
    return [`list.${name}`, listOf(claimAt(claims, claim))] as const;
  });
  return Object.fromEntries([...values, ...lists]);
}

function mappings(value: unknown): [claim: string, name: string][] {
  return isRecord(value) ? Object.entries(value).map(([claim, name]) => [claim, String(name)]) : [];
}

/** An object or a list is refused before a selector sees it. */
function stringOf(claim: unknown): string | null {
  if (typeof claim === 'string') return claim;
  if (typeof claim === 'boolean') return String(claim);
  if (typeof claim !== 'number' || !Number.isFinite(claim)) return null;
  // What Go makes of a number of more than 64 bits depends on the processor; this is what x86-64 does.
  return Math.abs(claim) < 2 ** 63 ? String(BigInt(Math.trunc(claim))) : String(-(2n ** 63n));
}

function listOf(claim: unknown): readonly string[] | null {
  if (claim === undefined || claim === null) return null;
  const items: unknown[] = Array.isArray(claim) ? claim : [claim];
  return items.flatMap((item) => stringOf(item) || []);
}

/** What a binding rule's selector makes of a token. */
interface SelectorVerdict {
  /** Whether it matches; undefined where only Consul can say. */
  readonly matched: boolean | undefined;
  /** The `value.x` and `list.x` that it speaks of, each once. */
  readonly fields: readonly string[];
  /** The strings that it compares with and that look like fields: to Consul `value.a == value.b` is such a string. */
  readonly literals: readonly string[];
}

/**
 * Holds a token's values against a selector. An empty one matches everybody; of a claim that the token lacks all
 * comparisons are true but `==`, `in` and `is not empty`.
 * @see https://developer.hashicorp.com/consul/api-docs/acl/binding-rules#selector
 */
export function selectorVerdict(text: string, values: SelectableValues): SelectorVerdict {
  if (text === '') return { matched: true, fields: [], literals: [] };
  const selector = selectorOf(text);
  // What another Consul took, and can't be read here, may speak of any field.
  if (selector === undefined) return { matched: undefined, fields: Object.keys(values), literals: [] };
  const matches = matchesOf(selector);
  const fields = matches.flatMap((match) => fieldsOf(match, values));
  const literals = matches.map(({ value }) => value).filter((value) => /^(?:value|list)\.\w/.test(value));
  return { matched: evaluate(selector, values), fields: [...new Set(fields)], literals };
}

/** Why only Consul can say whether a selector matches. */
export function whyUndecided(text: string): string {
  try {
    const byte = matchesOf(parseSelector(text)).find(hasByte);
    return byte === undefined
      ? 'its selector has a regular expression that only Consul can evaluate'
      : `its selector has an escape for a byte, which only Consul can compare: ${byte.source}`;
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return `Consul refuses its selector: ${error.message}`;
    throw error;
  }
}

/** Such an escape is a byte to Consul, and not always a sign. */
export function hasByte({ source }: SelectorMatch): boolean {
  return /\\[x0-3]/.test(source);
}

function selectorOf(text: string): Selector | undefined {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return undefined;
    throw error;
  }
}

function fieldsOf(match: SelectorMatch, values: SelectableValues): readonly string[] {
  const { kind, name } = claimOf(match);
  return name === undefined ? Object.keys(values).filter((field) => field.startsWith(`${kind}.`)) : [`${kind}.${name}`];
}

/** Whether a selector matches if one of its comparisons counts for nothing. */
export function matchesWithout(
  selector: Selector,
  without: SelectorMatch,
  values: SelectableValues,
): boolean | undefined {
  return evaluate(selector, values, without);
}

/** @param without a comparison that is taken for what lets more in: for true, and below a `not` for false */
function evaluate(
  selector: Selector,
  values: SelectableValues,
  without?: SelectorMatch,
  wanted = true,
): boolean | undefined {
  if (selector === without) return wanted;
  if (selector.kind === 'match') return evaluateMatch(selector, values);
  if (selector.kind === 'not') return not(evaluate(selector.operand, values, without, !wanted));
  const sides = [selector.left, selector.right].map((side) => evaluate(side, values, without, wanted));
  // One side that is false decides an "and", one that is true an "or".
  const decisive = selector.kind === 'or';
  if (sides.includes(decisive)) return decisive;
  return sides.includes(undefined) ? undefined : !decisive;
}

function evaluateMatch(match: SelectorMatch, values: SelectableValues): boolean | undefined {
  const { path } = match;
  return comparisonTruth(match, path.length === 1 ? namesIn(match, values) : (values[path.join('.')] ?? null));
}

/**
 * Whether a comparison is true of what it sees; undefined where only Consul can say.
 * @param seen null for a claim that the token lacks
 */
export function comparisonTruth(match: SelectorMatch, seen: string | readonly string[] | null): boolean | undefined {
  const { operator, value } = match;
  if (seen === null) return !operatorsRequiringPresence.includes(operator);
  if (hasByte(match)) return undefined;
  switch (operator) {
    case '==':
      return seen === value;
    case '!=':
      return seen !== value;
    case 'in':
      return seen.includes(value);
    case 'not in':
      return !seen.includes(value);
    case 'is empty':
      return seen.length === 0;
    case 'is not empty':
      return seen.length > 0;
    default:
      return typeof seen === 'string' ? patternTruth(match, seen) : undefined;
  }
}

/** The names of a kind's claims that the token has. */
function namesIn(match: SelectorMatch, values: SelectableValues): readonly string[] {
  const prefix = `${claimOf(match).kind}.`;
  const fields = Object.keys(values).filter((field) => field.startsWith(prefix) && values[field] !== null);
  return fields.map((field) => field.slice(prefix.length));
}

function not(verdict: boolean | undefined): boolean | undefined {
  return verdict === undefined ? undefined : !verdict;
}
