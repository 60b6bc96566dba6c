import { isConsulName } from '../../../stacks/checks.js';
import type { ConsulPolicyTemplate } from '../../../stacks/consul-bind-name.js';
import { bindNames, templateNames } from '../../../stacks/consul-bind-name.js';
import { parseSelector, type Selector } from '../../../stacks/consul-selector.js';
import { truthOf } from '../../../stacks/consul-selector-truth.js';
import { textOf } from '../document/block.js';
import type { ConsulRule } from './binding-rule.js';

/** A claim in a name: `${value.user}`. */
export interface NamedClaim {
  readonly kind: 'value' | 'list';
  readonly name: string;
}

const CLAIM = /\$\{\s*(value|list)\.([\w.-]+)\s*\}/g;

/** The claims that a rule's name is made of, where they only stand in it. */
export function claimsInName({ name }: ConsulRule): readonly NamedClaim[] {
  return [...(name?.text ?? '').matchAll(CLAIM)].map(([, kind, claim = '']) => ({
    kind: kind === 'list' ? 'list' : 'value',
    name: claim,
  }));
}

/**
 * The name that a token gets which lacks some of the claims in it; undefined where the rule's selector keeps such a token
 * out, and where Consul takes no such name.
 */
export function nameByAbsence(rule: ConsulRule): string | undefined {
  const { name, selector, takesAll } = rule;
  const pattern = patternOf(rule);
  const claims = [...new Set(claimsInName(rule).map((claim) => claim.name))];
  if (selector === undefined && !takesAll) return undefined;
  if (name === undefined || pattern === undefined || claims.length > 6) return undefined;
  for (let lacking = 1; lacking < 2 ** claims.length; lacking++) {
    const lacks = (claim: string): boolean => (lacking & (1 << claims.indexOf(claim))) !== 0;
    const made = name.text.replaceAll(CLAIM, (_, _kind, claim: string) => (lacks(claim) ? '' : 'x'));
    if (!isConsulName(pattern, made)) continue;
    const absent = claims.filter(lacks).map((claim) => `"${claim}" not in value`);
    const present = claims.filter((claim) => !lacks(claim)).map((claim) => `"${claim}" in value`);
    const right = parseSelector([...absent, ...present].join(' and '));
    const whole: Selector = selector === undefined ? right : { kind: 'and', left: selector, right };
    if (truthOf(whole).canMatch) return made;
  }
  return undefined;
}

function patternOf({ bindType = '', block }: ConsulRule): RegExp | undefined {
  if (Object.hasOwn(bindNames, bindType)) return bindNames[bindType as keyof typeof bindNames];
  return templateNames[textOf(block, 'bind_name') as ConsulPolicyTemplate];
}
