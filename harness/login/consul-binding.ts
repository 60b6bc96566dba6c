import { isRecord, membersOf } from '../../internal/json.js';
import { mappingsIn, type SelectableValues, selectorVerdict } from './consul-selector-verdict.js';
import type { ReadToken } from './token-claims.js';

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
  const variables = membersOf(rule['BindVars']);
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
  const mapped = mappingsIn(config[mappings]);
  if (!(field in values)) {
    const turned = mapped.find(([claim]) => claim === name);
    if (turned !== undefined) {
      return [`"${field}" is not mapped: ${mappings} maps the claim "${turned[0]}" to "${kind}.${turned[1]}"`];
    }
    const elsewhere = mappingsIn(config[other]).some(([, target]) => target === name);
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

function literalNote(literal: string): string {
  return `the selector compares with the string ${JSON.stringify(literal)}, not with another field`;
}
