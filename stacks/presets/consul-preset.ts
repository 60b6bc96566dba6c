import type { ConsulBinding, ConsulBindingRule } from '../consul-binding-rule.js';
import { type KnownOptions, refuseUnknown } from '../known-options.js';
import { type Bound, type ClaimBounds, checkBeginning, refuseWeak, type VendorBackend } from './claim-bounds.js';

/** What every preset for Consul takes. */
export interface ConsulPresetProps {
  /** The `aud` that the job asks its token for; a value of this Consul's own keeps tokens for others out. */
  readonly audience: string | readonly string[];
}

/** What a preset makes: a `ConsulJwtStack`'s props begin with it. */
export interface ConsulPreset {
  readonly name: string;
  readonly jwksUrl: string;
  readonly boundIssuer: string;
  readonly boundAudiences: string[];
  readonly claimMappings: Readonly<Record<string, string>>;
  readonly bindingRules: readonly ConsulBindingRule[];
}

/** A preset for jobs, whose Consul tokens live for 15 minutes. */
export type ConsulJobsPreset = ConsulPreset & { readonly maxTokenTtl: string };

/** What a rule of a preset gives, to whom the vendor's own options say. */
type Rule = ConsulBinding & Pick<ConsulBindingRule, 'description'>;

/** A vendor whose jobs log in to Consul. */
export interface ConsulVendor<VendorRule extends Rule> {
  /** The auth method's name. */
  readonly name: string;
  /** The vendor's name in messages. */
  readonly title: string;
  readonly issuer: VendorBackend;
  readonly options: KnownOptions<VendorRule>;
  /** @throws TypeError for bounds that let strangers in */
  readonly claimsOf: (what: string, rule: VendorRule) => ClaimBounds;
}

/** The options of every preset's rule: what it gives. */
export const bindingOptions: KnownOptions<Rule> = {
  bindType: true,
  bindName: true,
  bindVars: true,
  description: true,
};

/** What a rule of a preset gives, in messages. */
export function bindingOf({ bindType, bindName }: ConsulBinding): string {
  return `the rule for the ${bindType} "${bindName}"`;
}

/**
 * The audiences of an auth method.
 * @throws TypeError for none
 */
export function audiencesOf(what: string, audience: string | readonly string[] | undefined): string[] {
  const audiences = typeof audience === 'string' ? [audience] : [...(audience ?? [])];
  if (audiences.length === 0) refuseWeak(what, 'tokens for any audience', 'an audience');
  return audiences.map((value) => exact('audience', value));
}

/**
 * The auth method for a vendor's jobs, with a claim for each bound of its rules. A claim is mapped to the last part of its
 * name or JSON pointer, with `_` for every character that a name can't have.
 * @throws TypeError for bounds that let strangers in, and for claims that would have one name; the message says what to do
 */
export function presetForJobs<VendorRule extends Rule>(
  { audience, rules }: ConsulPresetProps & { readonly rules: readonly VendorRule[] },
  { name, title, issuer, options, claimsOf }: ConsulVendor<VendorRule>,
): ConsulJobsPreset {
  const claimMappings: Record<string, string> = {};
  const ruleOf = (rule: VendorRule): ConsulBindingRule => {
    refuseUnknown(bindingOf(rule), rule, options);
    const claims = claimsOf(bindingOf(rule), rule);
    for (const claim of Object.keys(claims)) mapClaim(claimMappings, claim);
    return bindingRule(rule, claims, lastPart);
  };
  return {
    name,
    jwksUrl: issuer.jwksUrl,
    boundIssuer: issuer.boundIssuer,
    boundAudiences: audiencesOf(`the auth method for ${title}`, audience),
    bindingRules: rules.map(ruleOf),
    claimMappings,
    maxTokenTtl: '15m',
  };
}

function mapClaim(mappings: Record<string, string>, claim: string): void {
  const name = lastPart(claim);
  const other = Object.keys(mappings).find((mapped) => mapped !== claim && mappings[mapped] === name);
  if (other !== undefined) {
    throw new TypeError(`"${claim}" and "${other}" would both be called "${name}" in a selector: bind one of them`);
  }
  mappings[claim] = name;
}

function lastPart(claim: string): string {
  return claim.replace(/^.*\//, '').replace(/\W/g, '_');
}

/**
 * A rule whose selector is true only of tokens that have every claim, those in its name too. Consul takes most comparisons
 * with a claim that is absent for true, so each is with `==`, or behind `in value`.
 * @param nameOf the name that a claim is mapped to
 * @throws TypeError for a value that a selector can't have in it
 */
export function bindingRule(
  binding: Rule,
  claims: ClaimBounds,
  nameOf: (claim: string) => string = (claim) => claim,
): ConsulBindingRule {
  const conditions: string[] = [];
  const bound: string[] = [];
  for (const claim of Object.keys(claims)) {
    const value = claims[claim];
    if (value === undefined) continue;
    const name = nameOf(claim);
    bound.push(name);
    conditions.push(...conditionsOf(name, claim, value));
  }
  const named = namesIn(binding).filter((name) => !bound.includes(name));
  const selector = [...conditions, ...named.map((name) => `"${name}" in value`)].join(' and ');
  const { bindType, description } = binding;
  const about = { ...(selector !== '' && { selector }), ...(description !== undefined && { description }) };
  if (bindType !== 'templated-policy') return { bindType, bindName: binding.bindName, ...about };
  return { bindType, bindName: binding.bindName, ...(binding.bindVars && { bindVars: binding.bindVars }), ...about };
}

/** The names of the claims that a rule's own name is made of. */
export function namesIn(binding: ConsulBinding): string[] {
  const text = binding.bindType === 'templated-policy' ? (binding.bindVars?.name ?? '') : binding.bindName;
  const names: string[] = [];
  text.replace(/\$\{\s*value\.(\w+)\s*\}/g, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return '';
  });
  return names;
}

function conditionsOf(name: string, claim: string, bound: Bound | readonly string[]): string[] {
  if (typeof bound === 'string') return [`value.${name} == "${exact(claim, bound)}"`];
  if (!('below' in bound)) {
    if (bound.length === 0) throw new TypeError(`"${claim}" is bound to an empty list: name a value or leave it out`);
    const each = bound.map((value) => `value.${name} == "${exact(claim, value)}"`).join(' or ');
    return [bound.length === 1 ? each : `(${each})`];
  }
  const beginning = exact(claim, bound.below);
  checkBeginning(claim, beginning);
  if (beginning.includes('^'))
    throw new TypeError(
      `"${beginning}" of "${claim}" contains "^", which can't be escaped in a selector: leave it out`,
    );
  // Each sign of a regular expression stands for itself in a class of its own.
  return [`"${name}" in value`, `value.${name} matches "^${beginning.replace(/[.*+?$()[\]{}|]/g, '[$&]')}"`];
}

function exact(claim: string, value: string): string {
  const refuse = (why: string): never => {
    throw new TypeError(`"${claim}" can't be bound to ${JSON.stringify(value)}: ${why}`);
  };
  if (typeof value !== 'string') return refuse('a bound must be a string, because a selector compares strings');
  if (value === '' || value !== value.trim()) return refuse('it is empty, or begins or ends with a space');
  if (/["\\]|\p{Cc}/u.test(value)) return refuse('a selector cannot quote it');
  return value;
}
