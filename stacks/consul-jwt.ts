import { AclAuthMethod } from '@cdktf/provider-consul/lib/acl-auth-method/index.js';
import { AclBindingRule } from '@cdktf/provider-consul/lib/acl-binding-rule/index.js';
import { AclPolicy } from '@cdktf/provider-consul/lib/acl-policy/index.js';
import { AclRole, type AclRoleConfig } from '@cdktf/provider-consul/lib/acl-role/index.js';
import { ConsulProvider } from '@cdktf/provider-consul/lib/provider/index.js';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { type Allowances, escaped, permit, refusePlainHttp, refuseSecrets, refuseTwice } from './checks.js';
import { type ConsulBindingRule, checkBindingRule } from './consul-binding-rule.js';
import { type ConsulJwtMethod, configJson, mappedClaims, requireEnd, requireIssuer } from './consul-jwt-method.js';
import { type KnownOptions, refuseUnknown, refuseUnknownInEach, requireList } from './known-options.js';

export type { Allowances } from './checks.js';
export type { ConsulBinding, ConsulBindingRule } from './consul-binding-rule.js';
export type { ConsulJwtAlgorithm, ConsulJwtMethod, ConsulKeySource } from './consul-jwt-method.js';

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
      configJson: escaped(configJson(props)),
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

function freeId(name: string, taken: Set<string>): string {
  const base = name.replace(/\W+/g, '-').replace(/-+$/, '');
  let id = base;
  for (let count = 2; taken.has(id); count += 1) id = `${base}-${count}`;
  taken.add(id);
  return id;
}
