import { type ConsulResource, namedResources, wholeResources } from '../../../internal/consul-resources.js';
import type { AclGrant } from '../../lint/index.js';
import type { ConsulAccessRequest, ConsulPolicy } from './acl.js';

/** What is granted besides by a level of access. */
const INCLUDED: Readonly<Record<string, readonly string[]>> = {
  read: ['read'],
  list: ['read', 'list'],
  write: ['read', 'list', 'write'],
};

/** As a request is written: `key:app/db`, or `operator`. */
export function shownRequest({ resource, segment }: Omit<ConsulAccessRequest, 'access'>): string {
  return segment === undefined ? resource : `${resource}:${segment}`;
}

/** As the rule of a grant is written: `key_prefix:app/`, or `operator`. */
export function shownGrant({ resource, segment, kind }: AclGrant): string {
  return `${segment === undefined ? resource : `${resource}:${segment}`}${kind === 'policy' ? '' : ` ${kind}`}`;
}

/** Whether a rule has a say in a request. */
export function concerns(grant: AclGrant, { resource, segment = '', access }: ConsulAccessRequest): boolean {
  if (grant.segment === undefined) {
    return (
      grant.resource === resource || (grant.resource === 'operator' && (resource === 'mesh' || resource === 'peering'))
    );
  }
  const of = resource === 'intention' ? 'service' : resource;
  if (resource !== 'intention' && grant.kind !== 'policy') return false;
  if (grant.resource !== of && grant.resource !== `${of}_prefix`) return false;
  if (resource === 'intention' && segment === '*') return true;
  if (access === 'write-prefix' && grant.segment.startsWith(segment)) return true;
  return grant.resource === of ? grant.segment === segment : segment.startsWith(grant.segment);
}

/** Whether what a rule says of a request depends on other rules than those for the same name. */
export function isOfSeveral({ resource, segment, access }: ConsulAccessRequest): boolean {
  return access === 'write-prefix' || (resource === 'intention' && segment === '*');
}

/** Whether a rule that has a say in a request grants it, or may do so with others. */
export function mayGrant(grant: AclGrant, request: ConsulAccessRequest): boolean {
  return (
    request.resource === 'intention' || isOfSeveral(request) || (INCLUDED[grant.access] ?? []).includes(request.access)
  );
}

/** Whether such a rule may keep others from granting it. */
export function mayPrevent(grant: AclGrant, request: ConsulAccessRequest): boolean {
  return (
    request.resource === 'intention' || isOfSeveral(request) || !(INCLUDED[grant.access] ?? []).includes(request.access)
  );
}

/** What a token can ask of a resource. */
export function accessOf(resource: ConsulResource): readonly ('read' | 'list' | 'write')[] {
  return resource === 'key' ? ['read', 'list', 'write'] : ['read', 'write'];
}

/**
 * A request of every kind that policies tell apart: for each name, each prefix and what none names. That all keys below a prefix may be
 * written is left out, since it goes along with one of them.
 */
export function requestsToldApart(policies: readonly ConsulPolicy[]): readonly ConsulAccessRequest[] {
  const grants = policies.flatMap((policy) => policy.grants);
  const requests = namedResources.flatMap((resource) => {
    const of = resource === 'intention' ? 'service' : resource;
    const said = grants.filter((grant) => grant.resource === of || grant.resource === `${of}_prefix`);
    const names = new Set(
      said.flatMap(({ resource: kind, segment }) => (kind === of && segment !== undefined ? [segment] : [])),
    );
    const prefixes = new Set(
      said.flatMap(({ resource: kind, segment }) => (kind !== of && segment !== undefined ? [segment] : [])),
    );
    const segments = [...names, ...[...prefixes].map((prefix) => nameWith(prefix, names, prefixes))];
    if (resource === 'intention' && segments.length > 0) segments.push('*');
    return [...new Set(segments)].flatMap((segment) =>
      accessOf(resource).map((access) => ({ resource, segment, access })),
    );
  });
  const whole = wholeResources.filter((resource) =>
    grants.some((grant) => grant.segment === undefined && concerns(grant, { resource, access: 'read' })),
  );
  return [...requests, ...whole.flatMap((resource) => accessOf(resource).map((access) => ({ resource, access })))];
}

/** A name about which a prefix has the last word. */
function nameWith(prefix: string, names: ReadonlySet<string>, prefixes: ReadonlySet<string>): string {
  const isFree = (name: string): boolean =>
    !names.has(name) && ![...prefixes].some((other) => other.length > prefix.length && name.startsWith(other));
  const found = ['x', 'y', 'z', 'q', 'xy'].map((end) => prefix + end).find(isFree);
  return found ?? `${prefix}\u03b1`;
}
