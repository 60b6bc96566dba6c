import { Token } from 'cdktf';
import { type Allowances, identityName, isConsulName } from './checks.js';
import { bindNames, type ConsulPolicyTemplate, claimCanMake, MANAGEMENT, templateNames } from './consul-bind-name.js';
import { parseSelector } from './consul-selector.js';
import { claimOf, matchesOf, truthOf, withNegation } from './consul-selector-analysis.js';
import { type KnownOptions, refuseUnknown } from './known-options.js';

/**
 * What a login gets. Names may have the value of a claim in them, in Consul's own syntax: `${value.user}` by the name that
 * the claim is mapped to. Consul writes the value in lower case, and an empty string for an absent claim.
 * @see https://developer.hashicorp.com/consul/api-docs/acl/binding-rules
 */
export type ConsulBinding =
  | {
      /** An identity of a service or a node, or a role or a policy by its name; one that isn't there gives nothing. */
      readonly bindType: 'service' | 'node' | 'role' | 'policy';
      readonly bindName: string;
    }
  | {
      readonly bindType: 'templated-policy';
      readonly bindName: ConsulPolicyTemplate;
      /** The name that the template takes. */
      readonly bindVars?: { readonly name: string };
    };

/** What a login gets, and which logins. */
export type ConsulBindingRule = ConsulBinding & {
  /**
   * Whose logins, as in `value.user == "vishpat" and "eng" in list.groups`. Default all that the auth method lets in, which
   * takes a reason in `allow["no-selector"]` unless a claim is in the name.
   */
  readonly selector?: string;
  readonly description?: string;
  /**
   * `absent-claim` for a selector that a token without a claim satisfies, `no-selector` for none at all, `global-management`
   * for a policy that a claim may make that one.
   */
  readonly allow?: Allowances;
};

const ruleOptions: KnownOptions<ConsulBindingRule> = {
  bindType: true,
  bindName: true,
  bindVars: true,
  selector: true,
  description: true,
  allow: true,
};

/** The names that claims are mapped to. */
export interface MappedClaims {
  readonly value: readonly string[];
  readonly list: readonly string[];
}

/**
 * Hands a rule on.
 * @throws TypeError for an unknown property, for one that Consul refuses, that matches nobody, or that lets in more than it says without a reason
 */
export function checkBindingRule(rule: ConsulBindingRule, claims: MappedClaims): ConsulBindingRule {
  const { selector = '', bindType, bindName, allow = {} } = rule;
  const about = `the binding rule for the ${bindType} "${bindName}"`;
  refuseUnknown(about, rule, ruleOptions);
  if (rule.bindType === 'templated-policy' && rule.bindVars)
    refuseUnknown(`"bindVars" of ${about}`, rule.bindVars, { name: true });
  const variable = checkName(rule, claims, about);
  if (Token.isUnresolved(selector)) return rule;
  refuseManagement(rule, about);
  if (selector !== '') checkSelector(selector, claims, allow, about);
  else if (!variable.includes('${') && allow['no-selector'] === undefined) {
    throw new TypeError(
      `${about} applies to every login of the auth method: add a "selector", or give a reason in its allow["no-selector"]`,
    );
  }
  return rule;
}

/** A claim that alone is the name of a policy may also be the one that allows everything. */
function refuseManagement({ bindType, bindName, selector = '', allow = {} }: ConsulBindingRule, about: string): void {
  if (bindType !== 'policy' || allow[MANAGEMENT] !== undefined) return;
  if (!claimCanMake(bindName, MANAGEMENT, selector === '' ? undefined : parseSelector(selector))) return;
  throw new TypeError(
    `${about} can make the name "${MANAGEMENT}" from a claim: put a fixed prefix before the claim, name its values in the selector, or give a reason in its allow["${MANAGEMENT}"]`,
  );
}

function checkSelector(text: string, claims: MappedClaims, allow: Allowances, about: string): void {
  const selector = parseSelector(text);
  for (const match of matchesOf(selector)) {
    const { kind, name } = claimOf(match);
    if (name !== undefined) requireMapped(kind, name, claims, `${about} compares ${match.source}`);
  }
  const { canMatch, byAbsence } = truthOf(selector);
  if (!canMatch)
    throw new TypeError(
      `${about} has the selector "${text}", which contradicts itself, so no token can match: correct it`,
    );
  const [open] = byAbsence;
  if (open === undefined || allow['absent-claim'] !== undefined) return;
  const { kind, name = 'user' } = claimOf(open);
  const found = withNegation(selector, open);
  const compare = found === open.source ? 'compare with "==" or "in", or ' : '';
  throw new TypeError(
    `${about} also matches tokens without the claim, because Consul evaluates ${found} as true for them: ${compare}put '"${name}" in ${kind} and' before it, or give a reason in its allow["absent-claim"]`,
  );
}

/** @returns the part of the rule that may have claims in it */
function checkName(rule: ConsulBindingRule, claims: MappedClaims, about: string): string {
  if (rule.bindType !== 'templated-policy') {
    requireName(rule.bindName, bindNames[rule.bindType], claims, about);
    return rule.bindName;
  }
  if (!Object.keys(templateNames).includes(rule.bindName)) {
    throw new TypeError(
      `${about} names an unknown template; expected one of: ${Object.keys(templateNames).join(', ')}`,
    );
  }
  const { name = '' } = rule.bindVars ?? {};
  const pattern = templateNames[rule.bindName];
  if (pattern === undefined) return '';
  if (name === '') throw new TypeError(`${about} needs a "bindVars" with a "name"`);
  requireName(name, pattern, claims, about);
  return name;
}

function requireName(text: string, pattern: RegExp, claims: MappedClaims, about: string): void {
  const made = checkTemplate(text, claims, about);
  if (made === undefined || isConsulName(pattern, made)) return;
  const advice =
    pattern === identityName
      ? 'use lower-case letters, digits, "-" and "_", with a letter or a digit at both ends'
      : 'use letters, digits, "-" and "_", and a shorter name';
  throw new TypeError(`${about} makes a name that Consul refuses, such as "${made}": ${advice}`);
}

/** A name with something in the place of its claims; nothing where that takes more than looking it up. */
function checkTemplate(text: string, claims: MappedClaims, about: string): string | undefined {
  if (Token.isUnresolved(text)) return undefined;
  if (text.includes('$${')) {
    throw new TypeError(`${about} contains "$\${" in its name: write "\${", which the stack escapes for Terraform`);
  }
  let isPlain = true;
  const made = text.replace(/\$\{([^}]*)\}/g, (_, expression: string) => {
    const [, kind = '', name = ''] = /^\s*(value|list)\.([\w.-]+)\s*$/.exec(expression) ?? [];
    if (kind === '') isPlain = false;
    else if (kind === 'list')
      throw new TypeError(`${about} uses the list "${expression}" in its name: map the claim as a value`);
    else requireMapped(kind, name, claims, `${about} uses "${expression.trim()}" in its name`);
    return 'fake';
  });
  return isPlain ? made : undefined;
}

function requireMapped(kind: string, name: string, claims: MappedClaims, about: string): void {
  const [own, other, place] =
    kind === 'list' ? [claims.list, claims.value, 'listClaimMappings'] : [claims.value, claims.list, 'claimMappings'];
  if (own.includes(name)) return;
  const otherKind = kind === 'list' ? 'value' : 'list';
  throw new TypeError(
    other.includes(name)
      ? `${about}, but "${name}" is mapped as a ${otherKind}: write ${otherKind}.${name}, or map it in "${place}"`
      : `${about}, but no claim is mapped to "${name}": map one in "${place}"`,
  );
}
