import type { SelectableValues } from './consul-claims.js';
import { selectorVerdict } from './consul-selector.js';

type Fields = Readonly<Record<string, unknown>>;

/** A binding rule that a login was held against. */
export interface TriedBindingRule {
  readonly id: string;
  /** `service`, `node`, `role`, `policy` or `templated-policy`. */
  readonly bindType: string;
  /** As it is declared, with its `${value.x}`. */
  readonly bindName: string;
  /** Empty for a rule that binds everybody. */
  readonly selector: string;
  /** Whether the selector matches; undefined where a regular expression decides, which Consul alone can say. */
  readonly matched: boolean | undefined;
  /** What the selector and the bind name saw: `value.x` and `list.x`, null for a claim that the token lacks. */
  readonly values: SelectableValues;
  /** Whether there is a role or a policy of the name; undefined for other types, and where it could not be read. */
  readonly exists: boolean | undefined;
}

/** The names of the roles and policies that rules may bind, as far as they could be read. */
export interface BindableNames {
  readonly role?: readonly string[] | undefined;
  readonly policy?: readonly string[] | undefined;
}

/** Holds what a token carries to binding rules, as Consul lists them. */
export function triedRules(
  rules: readonly Fields[],
  values: SelectableValues,
  names: BindableNames,
): TriedBindingRule[] {
  return rules.map((rule) => {
    const [bindType, bindName, selector] = [rule['BindType'], rule['BindName'], rule['Selector'] ?? ''].map(String) as [
      string,
      string,
      string,
    ];
    const { matched, fields } = selectorVerdict(selector, values);
    const shown = new Set([...fields, ...claimsIn(bindName)]);
    return {
      id: String(rule['ID']),
      bindType,
      bindName,
      selector,
      matched,
      values: Object.fromEntries([...shown].map((field) => [field, values[field] ?? null])),
      exists: isBindable(bindType) ? names[bindType]?.includes(boundName(bindName, values).toLowerCase()) : undefined,
    };
  });
}

function isBindable(bindType: string): bindType is keyof BindableNames {
  return bindType === 'role' || bindType === 'policy';
}

const CLAIM = /\$\{\s*(value\.[\w.-]+)\s*\}/g;

function claimsIn(bindName: string): string[] {
  return [...bindName.matchAll(CLAIM)].map(([, field = '']) => field);
}

/** A bind name with the token's values in it, as Consul fills it in. */
export function boundName(bindName: string, values: SelectableValues): string {
  return bindName.replaceAll(CLAIM, (_whole, field: string) => String(values[field] ?? ''));
}

/** A rule in a line of an error's message. */
export function describeRule({ bindType, bindName, selector, matched, values, exists }: TriedBindingRule): string {
  const saw = Object.entries(values).map(([field, value]) => `${field} ${JSON.stringify(value)}`);
  return [
    `${bindType} "${bindName}"`,
    selector === '' ? ' for everybody' : ` for ${selector}`,
    saw.length === 0 ? '' : ` saw ${saw.join(', ')}`,
    matched === undefined ? '' : matched ? ', which matches' : ', which does not match',
    exists === false ? `, and there is no such ${bindType}` : '',
  ].join('');
}
