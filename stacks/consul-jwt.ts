import { AclAuthMethod } from '@cdktf/provider-consul/lib/acl-auth-method/index.js';
import { AclBindingRule } from '@cdktf/provider-consul/lib/acl-binding-rule/index.js';
import { AclPolicy } from '@cdktf/provider-consul/lib/acl-policy/index.js';
import { AclRole, type AclRoleConfig } from '@cdktf/provider-consul/lib/acl-role/index.js';
import { ConsulProvider } from '@cdktf/provider-consul/lib/provider/index.js';
import { TerraformOutput, TerraformStack, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { type Allowances, escaped, permit, refusePlainHttp, refuseSecrets, refuseTwice } from './checks.js';
import { type ConsulBindingRule, checkBindingRule, type MappedClaims } from './consul-binding-rule.js';
import { type KnownOptions, refuseUnknown, refuseUnknownInEach, requireList } from './known-options.js';

export type { Allowances } from './checks.js';
export type { ConsulBinding, ConsulBindingRule } from './consul-binding-rule.js';

/** Where Consul has the keys from that verify a token: exactly one of the three. */
export type ConsulKeySource =
  /** A key set, and the CA of the server that it is fetched from, PEM. */
  | { readonly jwksUrl: string; readonly jwksCaCert?: string }
  /** Public keys, PEM. */
  | { readonly jwtValidationPubKeys: readonly string[] }
  /** An issuer whose discovery document names the key set; its `issuer` must be this URL byte for byte. */
  | { readonly oidcDiscoveryUrl: string; readonly oidcDiscoveryCaCert?: string };

/** An algorithm that Consul may be told to take. */
export type ConsulJwtAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'PS256'
  | 'PS384'
  | 'PS512';

/**
 * The auth method, in Consul's words. Leeways are seconds, and -1 is none; in discovery Consul looks at none
 * of them, takes no token after its `exp`, and those of the next five minutes.
 * The provider has no `TokenNameFormat`: tokens are named `jwt-`, the method's name and a number.
 * @see https://developer.hashicorp.com/consul/docs/secure/acl/auth-method/jwt
 */
export type ConsulJwtMethod = ConsulKeySource & {
  /** Default `jwt`. */
  readonly name?: string;
  readonly displayName?: string;
  readonly description?: string;
  /**
   * How long a token is valid, at least `1m`; default `1h`. Consul's own is `0s`, which never expires and takes a reason in
   * `allow["no-max-token-ttl"]`.
   */
  readonly maxTokenTtl?: string;
  /** Where a token is valid: in its datacenter or in all; default `local`. */
  readonly tokenLocality?: 'local' | 'global';
  /** The `iss` that a token must have. Consul checks none without it, save in discovery, which checks the URL. */
  readonly boundIssuer?: string;
  /** The values of which `aud` must have one. Without it, a token with an `aud` is refused, save in discovery. */
  readonly boundAudiences?: readonly string[];
  /** What Consul takes in discovery, default what the discovery document lists; otherwise it takes what the keys are for. */
  readonly jwtSupportedAlgs?: readonly ConsulJwtAlgorithm[];
  /** By claim, or by a path such as `/kubernetes.io/namespace`, the name that selectors have for its value. */
  readonly claimMappings?: Readonly<Record<string, string>>;
  /** The same for claims that are lists. */
  readonly listClaimMappings?: Readonly<Record<string, string>>;
  /** How long a token without `exp` is valid from its `iat` or `nbf`; default 150 s. */
  readonly expirationLeeway?: number;
  /** How long before its `exp` a token with neither `iat` nor `nbf` is valid; default 150 s. */
  readonly notBeforeLeeway?: number;
  /** How long after `exp` and before `iat` and `nbf` a token gets in; default 60 s. */
  readonly clockSkewLeeway?: number;
  /** `no-bound-issuer` for a method that doesn't check who signed, `keys-over-http` for keys without TLS, and what else lints are to pass over. */
  readonly allow?: Allowances;
};

/** An ACL policy. @see https://developer.hashicorp.com/consul/docs/reference/acl/rule */
export interface ConsulPolicy {
  readonly name: string;
  /** HCL or JSON. */
  readonly rules: string;
  readonly description?: string;
  readonly datacenters?: readonly string[];
  /** What lints are to pass over in it, such as `acl-rules-too-wide`. */
  readonly allow?: Allowances;
}

/**
 * An ACL role: the provider's own arguments. Policies that the stack declares are made before it.
 * @see https://registry.terraform.io/providers/hashicorp/consul/latest/docs/resources/acl_role
 */
export type ConsulRole = Pick<
  AclRoleConfig,
  'name' | 'description' | 'serviceIdentities' | 'nodeIdentities' | 'templatedPolicies'
> & { readonly policies?: readonly string[] };

/** A JWT login and what it gives. */
export type ConsulJwtStackProps = ConsulJwtMethod & {
  /** Consul's address; default CONSUL_HTTP_ADDR where the provider runs. */
  readonly address?: string;
  /** One or more. */
  readonly bindingRules: readonly ConsulBindingRule[];
  readonly policies?: readonly ConsulPolicy[];
  readonly roles?: readonly ConsulRole[];
};

const stackOptions: KnownOptions<ConsulJwtStackProps> = {
  jwksUrl: true,
  jwksCaCert: true,
  jwtValidationPubKeys: true,
  oidcDiscoveryUrl: true,
  oidcDiscoveryCaCert: true,
  name: true,
  displayName: true,
  description: true,
  maxTokenTtl: true,
  tokenLocality: true,
  boundIssuer: true,
  boundAudiences: true,
  jwtSupportedAlgs: true,
  claimMappings: true,
  listClaimMappings: true,
  expirationLeeway: true,
  notBeforeLeeway: true,
  clockSkewLeeway: true,
  allow: true,
  address: true,
  bindingRules: true,
  policies: true,
  roles: true,
};

const policyOptions: KnownOptions<ConsulPolicy> = {
  name: true,
  rules: true,
  description: true,
  datacenters: true,
  allow: true,
};

const roleOptions: KnownOptions<ConsulRole> = {
  name: true,
  description: true,
  policies: true,
  serviceIdentities: true,
  nodeIdentities: true,
  templatedPolicies: true,
};

/**
 * Lets a JWT in to Consul: the auth method of type `jwt`, its binding rules, and the policies and roles that they give.
 * @throws TypeError for what Consul would refuse, or would take for something else
 * @see https://developer.hashicorp.com/consul/docs/secure/acl/auth-method/jwt
 */
export class ConsulJwtStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: ConsulJwtStackProps) {
    super(scope, id);
    refuseUnknownProps(id, props);
    refuseSecrets(props);
    const { address, name = 'jwt', bindingRules = [], policies = [], roles = [] } = props;
    if (bindingRules.length === 0)
      throw new TypeError('a login without a binding rule accepts no one: add a binding rule');
    requireIssuer(props);
    requireEnd(props);
    refusePlainHttp('Consul', props);
    refuseTwice(
      'Consul',
      'policies',
      policies.map((policy) => policy.name),
    );
    refuseTwice(
      'Consul',
      'roles',
      roles.map((role) => role.name),
    );
    const claims = mappedClaims(props);

    new ConsulProvider(this, 'consul', address === undefined ? {} : { address });

    const method = new AclAuthMethod(this, 'jwt', {
      name,
      type: 'jwt',
      maxTokenTtl: props.maxTokenTtl ?? '1h',
      tokenLocality: props.tokenLocality ?? 'local',
      ...(props.displayName !== undefined && { displayName: escaped(props.displayName) }),
      ...(props.description !== undefined && { description: escaped(props.description) }),
      configJson: escaped(goJson(configOf(props))),
    });
    permit(method, props.allow);

    const declared = { policy: new Map<string, AclPolicy>(), role: new Map<string, AclRole>() };
    for (const { rules, description, allow, datacenters, ...policy } of policies) {
      const about = description === undefined ? {} : { description: escaped(description) };
      const resource = new AclPolicy(this, `policy-${policy.name}`, {
        ...policy,
        ...about,
        ...(datacenters && { datacenters: [...datacenters] }),
        rules: escaped(rules),
      });
      permit(resource, allow);
      declared.policy.set(policy.name, resource);
    }
    for (const { description, policies: granted, ...role } of roles) {
      const resource = new AclRole(this, `role-${role.name}`, {
        ...role,
        ...(description !== undefined && { description: escaped(description) }),
        ...(granted && { policies: granted.map((policy) => declared.policy.get(policy)?.id ?? policy) }),
      });
      declared.role.set(role.name, resource);
    }

    const taken = new Set<string>();
    for (const rule of bindingRules) {
      const { bindType, bindName, selector, description } = checkBindingRule(rule, claims);
      const isDeclared = bindType === 'policy' || bindType === 'role';
      const resource = new AclBindingRule(this, freeId(`rule-${bindType}-${bindName}`, taken), {
        authMethod: method.name,
        bindType,
        bindName: (isDeclared ? declared[bindType].get(bindName)?.name : undefined) ?? escaped(bindName),
        ...(rule.bindType === 'templated-policy' &&
          rule.bindVars && { bindVars: { name: escaped(rule.bindVars.name) } }),
        ...(selector !== undefined && { selector: escaped(selector) }),
        ...(description !== undefined && { description: escaped(description) }),
      });
      permit(resource, rule.allow);
    }

    new TerraformOutput(this, 'auth_method', { value: method.name });
  }
}

/** What TypeScript holds, for those who write JavaScript: a bound that is mistyped would let in more. */
function refuseUnknownProps(id: string, props: ConsulJwtStackProps): void {
  const what = `stack "${id}"`;
  refuseUnknown(what, props, stackOptions);
  const { bindingRules = [], policies = [], roles = [] } = props;
  for (const [name, value] of Object.entries({ bindingRules, policies, roles })) requireList(what, name, value);
  for (const policy of policies) refuseUnknown(`policy "${policy.name}"`, policy, policyOptions);
  for (const role of roles) refuseUnknownInRole(role);
}

function refuseUnknownInRole(role: ConsulRole): void {
  const what = `role "${role.name}"`;
  refuseUnknown(what, role, roleOptions);
  const { serviceIdentities, nodeIdentities, templatedPolicies } = role;
  refuseUnknownInEach(`a service identity of ${what}`, serviceIdentities, { serviceName: true, datacenters: true });
  refuseUnknownInEach(`a node identity of ${what}`, nodeIdentities, { nodeName: true, datacenter: true });
  const templated = `a templated policy of ${what}`;
  refuseUnknownInEach(templated, templatedPolicies, { templateName: true, templateVariables: true, datacenters: true });
  for (const { templateVariables } of Array.isArray(templatedPolicies) ? templatedPolicies : [])
    if (templateVariables) refuseUnknown(`the variables of ${templated}`, templateVariables, { name: true });
}

/** Consul compares no `iss` unless it is told to, which nobody notices: leaving it out takes a reason. */
function requireIssuer(props: ConsulJwtMethod): void {
  const isBound = (props.boundIssuer ?? '') !== '' || 'oidcDiscoveryUrl' in props;
  if (isBound || props.allow?.['no-bound-issuer'] !== undefined) return;
  throw new TypeError(
    'Consul does not check "iss" without a "boundIssuer": set it, or give a reason in allow["no-bound-issuer"]',
  );
}

/** A duration as Go writes it. */
const DURATION = /^(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|[µμ]s|ms|s|m|h))+)$/;

/** Consul's tokens end with nobody's help only when they are told to. */
function requireEnd({ maxTokenTtl, allow = {} }: ConsulJwtMethod): void {
  if (maxTokenTtl !== undefined && !Token.isUnresolved(maxTokenTtl) && !DURATION.test(maxTokenTtl)) {
    throw new TypeError(`invalid "maxTokenTtl" ${JSON.stringify(maxTokenTtl)}; expected a duration such as "1h"`);
  }
  if (maxTokenTtl === undefined || /[1-9]/.test(maxTokenTtl) || allow['no-max-token-ttl'] !== undefined) return;
  throw new TypeError(
    `tokens never expire with a "maxTokenTtl" of "${maxTokenTtl}": give a duration, or a reason in allow["no-max-token-ttl"]`,
  );
}

function mappedClaims({ claimMappings = {}, listClaimMappings = {} }: ConsulJwtMethod): MappedClaims {
  const namesOf = (argument: string, mappings: Readonly<Record<string, string>>): string[] => {
    const names = Object.keys(mappings).map((claim) => mappings[claim] ?? '');
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice === undefined) return names;
    throw new TypeError(`"${argument}" maps two claims to "${twice}": give each a name of its own`);
  };
  return { value: namesOf('claimMappings', claimMappings), list: namesOf('listClaimMappings', listClaimMappings) };
}

/** @see https://developer.hashicorp.com/consul/docs/reference/acl/auth-method/jwt */
function configOf(props: ConsulJwtMethod): object {
  return {
    ...keysOf(props),
    BoundIssuer: props.boundIssuer,
    BoundAudiences: props.boundAudiences,
    JWTSupportedAlgs: props.jwtSupportedAlgs,
    ClaimMappings: props.claimMappings,
    ListClaimMappings: props.listClaimMappings,
    ExpirationLeeway: nanoseconds('expirationLeeway', props.expirationLeeway),
    NotBeforeLeeway: nanoseconds('notBeforeLeeway', props.notBeforeLeeway),
    ClockSkewLeeway: nanoseconds('clockSkewLeeway', props.clockSkewLeeway),
  };
}

function keysOf(props: ConsulKeySource): object {
  const sources = ['jwksUrl', 'jwtValidationPubKeys', 'oidcDiscoveryUrl'];
  const given = sources.filter((name) => props[name as keyof typeof props] !== undefined);
  if (given.length !== 1) {
    throw new TypeError(`give exactly one of ${sources.join(', ')}, not ${given.join(' and ') || 'none'}`);
  }
  const [source] = given;
  if (source === 'jwtValidationPubKeys' && source in props) return { JWTValidationPubKeys: props[source] };
  if (source === 'jwksUrl' && source in props) return { JWKSURL: props[source], JWKSCACert: props.jwksCaCert };
  if (source === 'oidcDiscoveryUrl' && source in props) {
    return { OIDCDiscoveryURL: props[source], OIDCDiscoveryCACert: props.oidcDiscoveryCaCert };
  }
  return {};
}

const SECOND = 1_000_000_000;
const DAY = 86_400;

/** Consul's API takes a leeway as a whole number of nanoseconds. */
function nanoseconds(name: string, seconds: number | undefined): number | undefined {
  if (seconds === undefined || seconds === -1) return seconds;
  if (seconds > 0 && seconds <= DAY) return Math.round(seconds * SECOND);
  if (seconds === 0) throw new TypeError(`Consul reads 0 as its default: leave "${name}" out, or give -1 for none`);
  throw new TypeError(`"${name}" is ${seconds}: give seconds, a day at most, or -1 for none`);
}

/** JSON as Go writes it: the provider compares it with Consul's as text, and its plan is empty only where they are the same. */
function goJson(value: object): string {
  const sorted = JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    const members: Record<string, unknown> = {};
    for (const name of Object.keys(member).sort()) members[name] = (member as Record<string, unknown>)[name];
    return members;
  });
  return sorted.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${`000${char.charCodeAt(0).toString(16)}`.slice(-4)}`);
}

function freeId(name: string, taken: Set<string>): string {
  const base = name.replace(/\W+/g, '-').replace(/-+$/, '');
  let id = base;
  for (let count = 2; taken.has(id); count += 1) id = `${base}-${count}`;
  taken.add(id);
  return id;
}
