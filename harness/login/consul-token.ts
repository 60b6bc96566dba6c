import { isRecord } from '../../internal/json.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a Consul token is and may do, as Consul says it. */
export interface ConsulToken {
  /** The `SecretID`, for other clients. */
  readonly token: string;
  /** Names the token in Consul's log and its API, and is no secret. */
  readonly accessorId: string;
  /**
   * As the auth method's `TokenNameFormat` has it, `jwt-`, the method and a number by default; empty where
   * Consul is older than 1.22.7.
   */
  readonly name: string;
  /** The auth method that it was made by; empty where no login made it. */
  readonly authMethod: string;
  /** `token created via login`, with the `meta` of the login behind it as JSON. */
  readonly description: string;
  /** The names of its policies, those of its roles not among them. */
  readonly policies: readonly string[];
  /** The names of its roles. */
  readonly roles: readonly string[];
  readonly serviceIdentities: readonly ServiceIdentity[];
  readonly nodeIdentities: readonly NodeIdentity[];
  readonly templatedPolicies: readonly TemplatedPolicy[];
  /** Whether it is for its datacenter alone, as the auth method's `TokenLocality` has it. */
  readonly local: boolean;
  /** When it ends; undefined where the auth method has no `MaxTokenTTL`. */
  readonly expirationTime: Date | undefined;
}

/** @see https://developer.hashicorp.com/consul/docs/security/acl/acl-roles#service-identities */
export interface ServiceIdentity {
  readonly serviceName: string;
  /** Empty for all of them. */
  readonly datacenters: readonly string[];
}

/** @see https://developer.hashicorp.com/consul/docs/security/acl/acl-roles#node-identities */
export interface NodeIdentity {
  readonly nodeName: string;
  readonly datacenter: string;
}

/** @see https://developer.hashicorp.com/consul/docs/reference/acl/templated-policy */
export interface TemplatedPolicy {
  /** Such as `builtin/service`. */
  readonly templateName: string;
  /** What its `name` is filled in with; undefined for a template without one. */
  readonly name: string | undefined;
}

/** A token out of the body of an answer; undefined where there is none in it. */
export function consulToken(body: unknown): ConsulToken | undefined {
  if (!isRecord(body) || typeof body['SecretID'] !== 'string') return undefined;
  const expires = body['ExpirationTime'];
  return {
    token: body['SecretID'],
    accessorId: text(body, 'AccessorID'),
    name: text(body, 'Name'),
    authMethod: text(body, 'AuthMethod'),
    description: text(body, 'Description'),
    policies: each(body['Policies'], (policy) => text(policy, 'Name')),
    roles: each(body['Roles'], (role) => text(role, 'Name')),
    serviceIdentities: each(body['ServiceIdentities'], (identity) => ({
      serviceName: text(identity, 'ServiceName'),
      datacenters: Array.isArray(identity['Datacenters']) ? identity['Datacenters'].map(String) : [],
    })),
    nodeIdentities: each(body['NodeIdentities'], (identity) => ({
      nodeName: text(identity, 'NodeName'),
      datacenter: text(identity, 'Datacenter'),
    })),
    templatedPolicies: each(body['TemplatedPolicies'], (policy) => ({
      templateName: text(policy, 'TemplateName'),
      name: variableName(policy['TemplateVariables']),
    })),
    local: body['Local'] === true,
    expirationTime: typeof expires === 'string' ? new Date(expires) : undefined,
  };
}

function variableName(variables: unknown): string | undefined {
  return isRecord(variables) && typeof variables['name'] === 'string' ? variables['name'] : undefined;
}

function text(fields: Fields, name: string): string {
  return String(fields[name] ?? '');
}

function each<Item>(value: unknown, make: (fields: Fields) => Item): Item[] {
  return Array.isArray(value) ? value.filter(isRecord).map(make) : [];
}
