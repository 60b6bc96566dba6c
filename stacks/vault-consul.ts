import { AclPolicy, type AclPolicyConfig } from '@cdktf/provider-consul/lib/acl-policy/index.js';
import { ConsulProvider } from '@cdktf/provider-consul/lib/provider/index.js';
import { ConsulSecretBackend } from '@cdktf/provider-vault/lib/consul-secret-backend/index.js';
import {
  ConsulSecretBackendRole,
  type ConsulSecretBackendRoleConfig,
} from '@cdktf/provider-vault/lib/consul-secret-backend-role/index.js';
import { Mount, type MountConfig } from '@cdktf/provider-vault/lib/mount/index.js';
import { VaultProvider } from '@cdktf/provider-vault/lib/provider/index.js';
import { TerraformOutput, TerraformStack, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { type Allowances, escaped, identityName, isConsulName, permit } from './checks.js';
import { type KnownOptions, refuseUnknown, refuseUnknownInEach, requireList } from './known-options.js';

/** What a Consul token of Vault's may do, and for how long: anyone who can read `<path>/creds/<name>` gets one. */
export type VaultConsulRole = Pick<
  ConsulSecretBackendRoleConfig,
  'name' | 'local' | 'consulNamespace' | 'partition'
> & {
  /** Names of Consul's ACL policies: of the stack's own, or of others. */
  readonly consulPolicies?: readonly string[];
  /** Names of Consul's ACL roles. */
  readonly consulRoles?: readonly string[];
  readonly serviceIdentities?: readonly { readonly serviceName: string; readonly datacenters?: readonly string[] }[];
  readonly nodeIdentities?: readonly { readonly nodeName: string; readonly datacenter: string }[];
  /** How long a token is good for without a renewal, in seconds; default 900, where Vault's own is 32 days. */
  readonly ttl?: number;
  /** How long it is with renewals; default 3600. */
  readonly maxTtl?: number;
};

/** An ACL policy of Consul. */
export type VaultConsulPolicy = Pick<AclPolicyConfig, 'name' | 'rules' | 'description' | 'datacenters'> & {
  readonly allow?: Allowances;
};

/**
 * How the engine comes by a token of its own, which Terraform must never see: what is declared lands in the state.
 * `write`, the default, declares the ACL policy for it, and the token is written to `<path>/config/access` outside of
 * Terraform. `bootstrap` has Vault bootstrap the ACLs of a Consul where nobody did: the first management token is then
 * Vault's and nobody else's. Vault bootstraps again, in vain, when the address is changed.
 */
export type VaultConsulAccess =
  | {
      readonly access?: 'write';
      /** The name of the policy; default `vault-consul`. */
      readonly accessPolicy?: string;
      /** Consul's address; default CONSUL_HTTP_ADDR where the provider runs. */
      readonly consulAddress?: string;
      /** ACL policies for the roles. */
      readonly policies?: readonly VaultConsulPolicy[];
    }
  | {
      readonly access: 'bootstrap';
      /** Consul as Vault reaches it, such as `consul.example:8501`. */
      readonly address: string;
      /** Default `http`. */
      readonly scheme?: 'http' | 'https';
      /** The CA of Consul's certificate, PEM. */
      readonly caCert?: string;
    };

/** Vault's Consul secrets engine and its roles; `path` is `consul` by default. */
export type VaultConsulStackProps = VaultConsulAccess &
  Partial<
    Pick<MountConfig, 'path' | 'description' | 'defaultLeaseTtlSeconds' | 'maxLeaseTtlSeconds' | 'local' | 'namespace'>
  > & {
    /** Vault's address; default VAULT_ADDR where the provider runs. */
    readonly vaultAddress?: string;
    readonly roles: readonly [VaultConsulRole, ...VaultConsulRole[]];
  };

/** What every stack has, in both ways of access. */
const commonOptions = {
  access: true,
  path: true,
  description: true,
  defaultLeaseTtlSeconds: true,
  maxLeaseTtlSeconds: true,
  local: true,
  namespace: true,
  vaultAddress: true,
  roles: true,
} as const;

type Bootstrapped = Extract<VaultConsulStackProps, { readonly access: 'bootstrap' }>;
type Written = Exclude<VaultConsulStackProps, Bootstrapped>;

const writeOptions: KnownOptions<Written> = {
  ...commonOptions,
  accessPolicy: true,
  consulAddress: true,
  policies: true,
};

const bootstrapOptions: KnownOptions<Bootstrapped> = { ...commonOptions, address: true, scheme: true, caCert: true };

const policyOptions: KnownOptions<VaultConsulPolicy> = {
  name: true,
  rules: true,
  description: true,
  datacenters: true,
  allow: true,
};

const roleOptions: KnownOptions<VaultConsulRole> = {
  name: true,
  local: true,
  consulNamespace: true,
  partition: true,
  consulPolicies: true,
  consulRoles: true,
  serviceIdentities: true,
  nodeIdentities: true,
  ttl: true,
  maxTtl: true,
};

/** All that Vault does at Consul is make tokens and take them back. Anyone who can do that can give a token any policy. */
const ACCESS_RULES = 'acl = "write"\n';

/**
 * Gives Consul tokens to subjects that Vault lets in, each revoked with its lease.
 * @throws TypeError for a role that Vault or Consul would refuse
 * @see https://developer.hashicorp.com/vault/docs/secrets/consul
 */
export class VaultConsulStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: VaultConsulStackProps) {
    super(scope, id);
    const what = `stack "${id}"`;
    if (props?.access === 'bootstrap') refuseUnknown(what, props, bootstrapOptions);
    else refuseUnknown(what, props, writeOptions);
    const { path = 'consul', vaultAddress, roles } = props;
    requireList(what, 'roles', roles);

    new VaultProvider(this, 'vault', vaultAddress === undefined ? {} : { address: vaultAddress });
    const policies = new Map<string, string>();
    const engine =
      props.access === 'bootstrap' ? bootstrapped(this, path, props) : mounted(this, path, props, policies);

    for (const role of roles) {
      const { name, ttl = 900, maxTtl = 3600 } = role;
      refuseUnknown(`role "${name}"`, role, roleOptions);
      const { serviceIdentities = [], nodeIdentities = [], consulPolicies = [], consulRoles = [] } = role;
      const of = `of role "${name}"`;
      refuseUnknownInEach(`a service identity ${of}`, serviceIdentities, { serviceName: true, datacenters: true });
      refuseUnknownInEach(`a node identity ${of}`, nodeIdentities, { nodeName: true, datacenter: true });
      if ([serviceIdentities, nodeIdentities, consulPolicies, consulRoles].every(({ length }) => length === 0)) {
        throw new TypeError(`the role "${name}" grants nothing: name a policy, a role or an identity`);
      }
      new ConsulSecretBackendRole(this, `role-${name}`, {
        ...role,
        ttl,
        maxTtl,
        ...inNamespace(props),
        backend: engine.path,
        consulPolicies: consulPolicies.map((policy) => policies.get(policy) ?? policy),
        consulRoles: [...consulRoles],
        serviceIdentities: serviceIdentities.map(({ serviceName, datacenters = [] }) =>
          identity(serviceName, datacenters),
        ),
        nodeIdentities: nodeIdentities.map(({ nodeName, datacenter }) => identity(nodeName, [datacenter])),
      });
    }
    new TerraformOutput(this, 'access_path', { value: `${engine.path}/config/access` });
  }
}

function mounted(
  scope: Construct,
  path: string,
  props: Extract<VaultConsulStackProps, { readonly access?: 'write' }>,
  declared: Map<string, string>,
): Mount {
  const { accessPolicy = 'vault-consul', consulAddress, policies = [] } = props;
  new ConsulProvider(scope, 'consul', consulAddress === undefined ? {} : { address: consulAddress });
  const description = `Vault's Consul secrets engine at ${path}`;
  const allow = { 'acl-rules-too-wide': 'Vault creates and destroys tokens, which needs acl = "write"' };
  const access: VaultConsulPolicy = { name: accessPolicy, rules: ACCESS_RULES, description, allow };
  for (const policy of policies) refuseUnknown(`policy "${policy.name}"`, policy, policyOptions);
  for (const { rules, description, allow: allowances, ...policy } of [access, ...policies]) {
    if (declared.has(policy.name)) throw new TypeError(`there are two policies "${policy.name}": rename one`);
    const about = description === undefined ? {} : { description: escaped(description) };
    const resource = new AclPolicy(scope, `policy-${policy.name}`, { ...policy, ...about, rules: escaped(rules) });
    permit(resource, allowances);
    declared.set(policy.name, resource.name);
  }
  new TerraformOutput(scope, 'access_policy', { value: declared.get(accessPolicy) });
  return new Mount(scope, 'engine', { path, type: 'consul', ...tuning(props) });
}

function bootstrapped(
  scope: Construct,
  path: string,
  props: Extract<VaultConsulStackProps, { readonly access: 'bootstrap' }>,
): ConsulSecretBackend {
  const { address, scheme = 'http', caCert } = props;
  if (address.includes('://'))
    throw new TypeError(`"${address}" is a URL: give "host:port", and the "scheme" separately`);
  return new ConsulSecretBackend(scope, 'engine', {
    ...{ path, bootstrap: true, address, scheme },
    ...(caCert !== undefined && { caCert }),
    ...tuning(props),
  });
}

type Tuning = Pick<
  MountConfig,
  'description' | 'defaultLeaseTtlSeconds' | 'maxLeaseTtlSeconds' | 'local' | 'namespace'
>;

function tuning(props: VaultConsulStackProps): Tuning {
  const { description, defaultLeaseTtlSeconds, maxLeaseTtlSeconds, local } = props;
  return {
    ...(description !== undefined && { description: escaped(description) }),
    ...(defaultLeaseTtlSeconds !== undefined && { defaultLeaseTtlSeconds }),
    ...(maxLeaseTtlSeconds !== undefined && { maxLeaseTtlSeconds }),
    ...(local !== undefined && { local }),
    ...inNamespace(props),
  };
}

function inNamespace({ namespace }: VaultConsulStackProps): Pick<Tuning, 'namespace'> {
  return namespace === undefined ? {} : { namespace };
}

/** As Vault takes it apart again, without a look at it: a name, and datacenters with commas between them. */
function identity(name: string, datacenters: readonly string[]): string {
  for (const part of [name, ...datacenters]) {
    if (Token.isUnresolved(part) || isConsulName(identityName, part)) continue;
    throw new TypeError(
      `invalid identity name "${part}"; expected lower-case letters, digits, "-" and "_", with a letter or a digit at both ends`,
    );
  }
  return datacenters.length === 0 ? name : `${name}:${datacenters.join()}`;
}
