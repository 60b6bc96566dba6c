/** The resources of Consul's ACL rules that have names. */
export const namedResources = ['agent', 'event', 'intention', 'key', 'node', 'query', 'service', 'session'] as const;
/** Those that have none. */
export const wholeResources = ['acl', 'keyring', 'mesh', 'operator', 'peering'] as const;
/** What may be asked of a resource; `list` and `write-prefix` of keys alone. */
export const resourceAccesses = ['read', 'list', 'write', 'write-prefix'] as const;

type NamedResource = (typeof namedResources)[number];

/**
 * What Consul's rules are about.
 * @see https://developer.hashicorp.com/consul/docs/reference/acl/rule
 */
export type ConsulResource = NamedResource | (typeof wholeResources)[number];

/** What may be asked of a resource. */
export type ResourceAccess = (typeof resourceAccesses)[number];

/** Whether a resource has names. */
export function isNamedResource(resource: string): resource is NamedResource {
  return namedResources.some((one) => one === resource);
}

/**
 * A resource and its name, as they are written together.
 * @example
 * splitResource('key:app/db'); // { resource: 'key', segment: 'app/db' }
 * splitResource('operator'); // { resource: 'operator', segment: undefined }
 */
export function splitResource(text: string): { readonly resource: string; readonly segment: string | undefined } {
  const [, resource = '', segment] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  return { resource, segment };
}
