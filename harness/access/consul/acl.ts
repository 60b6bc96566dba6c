import { type ConsulResource, isNamedResource, type ResourceAccess } from '../../../internal/consul-resources.js';
import { type AclGrant, aclGrants, isKnown, PolicySyntaxError } from '../../lint/index.js';

/** A Consul policy as it was read. */
export interface ConsulPolicy {
  readonly name: string;
  readonly grants: readonly AclGrant[];
  /** What of it can't be decided, in words. */
  readonly undecided: readonly string[];
}

/** What Consul is asked, as `POST /v1/internal/acl/authorize` takes it. */
export interface ConsulAccessRequest {
  readonly resource: ConsulResource;
  /** The name, such as a key; default none, for `acl`, `keyring`, `mesh`, `operator` and `peering`. */
  readonly segment?: string | undefined;
  /** `list` and `write-prefix` are for keys alone. */
  readonly access: ResourceAccess;
}

/** Several policies as Consul merges them for a token. */
export interface ConsulAcl {
  /** Whether they allow it. */
  allows(request: ConsulAccessRequest): boolean;
}

type Level = 'deny' | 'read' | 'list' | 'write';

/** For one name, and for all that begin with it. */
interface Levels {
  readonly exact: ReadonlyMap<string, Level>;
  readonly prefix: ReadonlyMap<string, Level>;
}

/** What takes precedence where several rules have the same name, the first one first. */
const PRECEDENCE: readonly string[] = ['deny', 'write', 'list', 'read'];
const GRANTED: Readonly<Record<Level, readonly string[]>> = {
  deny: [],
  read: ['read'],
  list: ['read', 'list'],
  write: ['read', 'list', 'write'],
};

/**
 * Reads the rules of a Consul policy in HCL or JSON, for {@link consulAclOf}. What can't be read is named in `undecided`.
 * @see https://developer.hashicorp.com/consul/docs/reference/acl/rule
 * @example
 * readConsulPolicy('app', 'key_prefix "app/" { policy = "read" }').grants.length; // 1
 */
export function readConsulPolicy(name: string, rules: string): ConsulPolicy {
  try {
    const grants = aclGrants(rules);
    const unknown = grants.filter((grant) => !Object.values(grant).every(isKnown));
    const known = grants.filter((grant) => !unknown.includes(grant));
    const undecided = unknown.map(
      ({ resource }) => `policy "${name}": a rule for "${resource}" is not known before Terraform runs`,
    );
    return { name, grants: known, undecided };
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    return { name, grants: [], undecided: [`policy "${name}" can't be read: ${error.message}`] };
  }
}

/**
 * Merges policies as Consul does for a token: of rules with the same name `deny` before `write`, `list` and `read`; of several that hold
 * for a name the one that names it, else the longest prefix.
 * @param byDefault what no rule decides; default `deny`
 * @see https://developer.hashicorp.com/consul/docs/secure/acl/policy#rules
 * @example
 * const acl = consulAclOf([readConsulPolicy('app', 'key_prefix "app/" { policy = "read" }')]);
 * acl.allows({ resource: 'key', segment: 'app/db', access: 'read' }); // true
 */
export function consulAclOf(policies: readonly ConsulPolicy[], byDefault: 'allow' | 'deny' = 'deny'): ConsulAcl {
  const grants = policies.flatMap((policy) => policy.grants);
  const known = new Map<string, Levels>();
  const levelsOf = (resource: string): Levels => {
    const levels =
      known.get(resource) ?? (resource === 'intention' ? intentionLevels(grants) : levelsFor(resource, grants));
    known.set(resource, levels);
    return levels;
  };
  const whole = (resource: string): Level | undefined =>
    strongest(
      grants.filter((grant) => grant.resource === resource && grant.segment === undefined).map(({ access }) => access),
    );
  const decide = ({ resource, segment = '', access }: ConsulAccessRequest): boolean | undefined => {
    if (access === 'write-prefix') return writesBelow(segment, levelsOf(resource));
    if (resource === 'intention' && segment === '*') return ofAll(levelsOf(resource), access);
    const level = isNamedResource(resource) ? levelAt(segment, levelsOf(resource)) : levelOfWhole(resource, whole);
    return level && GRANTED[level].includes(access);
  };
  return { allows: (request) => decide(request) ?? byDefault === 'allow' };
}

/** What says nothing of the mesh or of peering leaves it to what is said of the operator. */
function levelOfWhole(resource: ConsulResource, whole: (resource: string) => Level | undefined): Level | undefined {
  const isOfOperator = resource === 'mesh' || resource === 'peering';
  return whole(resource) ?? (isOfOperator ? whole('operator') : undefined);
}

function levelsFor(resource: string, grants: readonly AclGrant[], kind = 'policy'): Levels {
  const of = (named: string): ReadonlyMap<string, Level> => {
    const found = new Map<string, Level>();
    for (const { resource: one, segment, kind: said, access } of grants) {
      if (one !== named || segment === undefined || said !== kind) continue;
      const level = strongest([found.get(segment) ?? '', access]);
      if (level !== undefined) found.set(segment, level);
    }
    return found;
  };
  return { exact: of(resource), prefix: of(`${resource}_prefix`) };
}

/** What a service's rule says of intentions; where it says nothing, who may read or write the service may read them. */
function intentionLevels(grants: readonly AclGrant[]): Levels {
  const services = levelsFor('service', grants);
  const said = levelsFor('service', grants, 'intentions');
  const either = (kind: keyof Levels): ReadonlyMap<string, Level> =>
    new Map(
      [...services[kind]].map(([name, level]) => [name, said[kind].get(name) ?? (level === 'deny' ? 'deny' : 'read')]),
    );
  return { exact: either('exact'), prefix: either('prefix') };
}

function strongest(levels: readonly string[]): Level | undefined {
  return PRECEDENCE.find((level) => levels.includes(level)) as Level | undefined;
}

function levelAt(name: string, { exact, prefix }: Levels): Level | undefined {
  const longest = [...prefix.keys()].filter((one) => name.startsWith(one)).toSorted((a, b) => b.length - a.length)[0];
  return exact.get(name) ?? (longest === undefined ? undefined : prefix.get(longest));
}

/** Whether all keys below a prefix may be written: no rule above or below it may say otherwise. */
function writesBelow(path: string, levels: Levels): boolean | undefined {
  const above = levelAt(path, { exact: new Map(), prefix: levels.prefix });
  const below = [...levels.exact, ...levels.prefix].filter(([name]) => name.startsWith(path));
  if ([above, ...below.map(([, level]) => level)].some((level) => level !== undefined && level !== 'write'))
    return false;
  return above === undefined ? undefined : true;
}

/** Of all names: to read, any must be allowed, and to write, all that are named, and those that are not. */
function ofAll({ exact, prefix }: Levels, access: string): boolean | undefined {
  const all = [...exact.values(), ...prefix.values()].map((level) => GRANTED[level].includes(access));
  const rest = prefix.get('');
  const byRest = rest && GRANTED[rest].includes(access);
  if (access === 'read') return all.includes(true) ? true : byRest;
  return all.includes(false) ? false : byRest;
}
