import { isRecord } from '../../../internal/json.js';
import { isConsulName } from '../../../stacks/checks.js';
import { bindNames, type ConsulPolicyTemplate, templateNames } from '../../../stacks/consul-bind-name.js';
import { type TriedBindingRule, triedRules } from '../../login/consul-binding.js';
import { selectableValues, whyUndecided } from '../../login/consul-selector-verdict.js';
import { claimAt, mistypedClaim, type Reading, registeredClaim } from '../../login/token-claims.js';
import type { Claims, LoginRefusal } from '../vault/login-role.js';

type Fields = Readonly<Record<string, unknown>>;

/** An auth method of Consul for JWTs, with its binding rules. */
export interface ConsulLogin {
  /** The method's `Config`, by Consul's names: `BoundAudiences`, `ClaimMappings`. */
  readonly config: Fields;
  /** As `/v1/acl/binding-rules` lists them: `BindType`, `BindName`, `BindVars`, `Selector`. */
  readonly rules: readonly Fields[];
  /** The names of roles and policies in lower case; a rule for another one gives nothing. Default any. */
  readonly names?: { readonly role?: readonly string[]; readonly policy?: readonly string[] } | undefined;
}

/** What a token gets from a binding rule. */
export interface ConsulBinding {
  /** `service`, `node`, `role`, `policy` or `templated-policy`. */
  readonly type: string;
  /** With the token's values in it; for a templated policy the name that it is made for. */
  readonly name: string;
  /** The template, of a templated policy. */
  readonly template?: string;
}

/** Whether a token would log in to Consul, what it is bound to then, or why not. */
export type ConsulLoginVerdict =
  | { readonly in: true; readonly bindings: readonly ConsulBinding[]; readonly undecided: readonly string[] }
  | {
      readonly in: false;
      readonly refusals: readonly [LoginRefusal, ...LoginRefusal[]];
      /** Rules of which only Consul can say whether they match, and why. */
      readonly undecided: readonly string[];
    };

/**
 * Whether Consul would let a token in, by its claims, and what the binding rules give it. The signature, the algorithm and times are
 * left out.
 * @see https://developer.hashicorp.com/consul/docs/secure/acl/auth-method/jwt
 * @example
 * const login = { config: { BoundAudiences: ['consul'], ClaimMappings: { sub: 'user' } }, rules: [{ BindType: 'policy', BindName: 'p' }] };
 * wouldLogInToConsul(login, { aud: 'consul', sub: 'me' }); // { in: true, bindings: [{ type: 'policy', name: 'p' }], undecided: [] }
 */
export function wouldLogInToConsul({ config, rules, names = {} }: ConsulLogin, claims: Claims): ConsulLoginVerdict {
  const out = (...refusals: [LoginRefusal, ...LoginRefusal[]]): ConsulLoginVerdict => ({
    in: false,
    refusals,
    undecided: [],
  });
  const refusal = registeredRefusal(config, claims) ?? mappingRefusal(config, claims);
  if (refusal !== undefined) return out(refusal);
  const tried = triedRules(rules, { config, claims, values: selectableValues(config, claims) }, names);
  const undecided = tried
    .filter(({ matched }) => matched === undefined)
    .map(
      ({ bindType, bindName, selector }) => `binding rule for the ${bindType} "${bindName}": ${whyUndecided(selector)}`,
    );
  const matched = tried.filter((rule) => rule.matched === true);
  const bad = matched.find((rule) => !isTaken(rule));
  if (bad !== undefined) return { ...out({ code: 'bind_name_invalid', found: bad.name }), undecided };
  const bound = matched.filter(({ exists }) => exists !== false);
  if (bound.length > 0) return { in: true, bindings: bound.map(bindingOf), undecided };
  const missing = matched.map(({ name }) => name);
  const code = missing.length > 0 ? 'bound_name_not_found' : 'no_binding_rule_matched';
  return { ...out({ code, ...(missing.length > 0 && { found: missing }) }), undecided };
}

/** Whether a token that is out may be in, by a rule of which only Consul can say whether it matches. */
export function mayStillBeIn(verdict: ConsulLoginVerdict): boolean {
  if (verdict.in || verdict.undecided.length === 0) return false;
  return verdict.refusals[0].code !== 'bind_name_invalid';
}

function bindingOf({ bindType, bindName, name }: TriedBindingRule): ConsulBinding {
  return { type: bindType, name, ...(bindType === 'templated-policy' && { template: bindName }) };
}

/** A name that Consul does not take refuses the whole login. */
function isTaken({ bindType, bindName, name }: TriedBindingRule): boolean {
  const isTemplate = bindType === 'templated-policy';
  const pattern = isTemplate
    ? templateNames[bindName as ConsulPolicyTemplate]
    : bindNames[bindType as keyof typeof bindNames];
  return pattern === undefined || isConsulName(pattern, name);
}

function registeredRefusal(config: Fields, claims: Claims): LoginRefusal | undefined {
  const discoveryUrl = config['OIDCDiscoveryURL'];
  const discovery = typeof discoveryUrl === 'string' && discoveryUrl !== '';
  const isStatic = list(config['JWTValidationPubKeys']).length > 0;
  const reading: Reading = { names: isStatic ? 'exact' : 'in order', discovery };
  const token = { header: {}, claims, names: Object.keys(claims), repeated: undefined };
  const mistyped = mistypedClaim(token, reading);
  // With static keys Consul says of it that no key fits.
  if (mistyped !== undefined) return { code: isStatic ? 'signature_invalid' : 'claim_type_mismatch', ...mistyped };
  const issuer = registeredClaim(token, 'iss', reading);
  const bound = discovery ? discoveryUrl : config['BoundIssuer'];
  if (typeof bound === 'string' && bound !== '' && issuer.value !== bound) {
    return { code: 'issuer_mismatch', claim: issuer.name, expected: bound, found: issuer.value };
  }
  const audience = registeredClaim(token, 'aud', reading);
  const audiences = list(config['BoundAudiences']);
  const given = list(audience.value);
  const about = { claim: audience.name, expected: audiences, found: audience.value };
  if (audiences.length === 0)
    return !discovery && given.length > 0 ? { code: 'audience_unbound', ...about } : undefined;
  return given.some((one) => audiences.includes(one)) ? undefined : { code: 'audience_mismatch', ...about };
}

/** A mapped claim is a scalar, and of a list each. */
function mappingRefusal(config: Fields, claims: Claims): LoginRefusal | undefined {
  const mapped = (name: string): string[] => Object.keys(isRecord(config[name]) ? config[name] : {});
  const wrong = [
    ...mapped('ClaimMappings').filter((claim) => !isScalar(claimAt(claims, claim) ?? '')),
    ...mapped('ListClaimMappings').filter((claim) => {
      const value = claimAt(claims, claim) ?? [];
      return !(Array.isArray(value) ? value : [value]).every(isScalar);
    }),
  ];
  const [claim] = wrong;
  return claim === undefined ? undefined : { code: 'claim_type_mismatch', claim, found: claimAt(claims, claim) };
}

function isScalar(value: unknown): boolean {
  return ['string', 'boolean', 'number'].includes(typeof value);
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
