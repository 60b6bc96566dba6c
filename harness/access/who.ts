import { UsageError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import type { ConsulAccessRequest } from './consul/acl.js';
import { type ConsulAdmitted, whatCanInConsul, whoCanInConsul } from './consul/who.js';
import {
  claimsThatMake,
  type Membership,
  membershipsAt,
  policiesGiven,
  policiesOf,
  policiesWith,
} from './identities.js';
import type { LoginName, VaultLoginName } from './logins.js';
import type { DeclaredAccess } from './read/declared.js';
import { type VaultAcl, type VaultOperation, vaultAcl } from './vault/acl.js';
import { conditionsOf } from './vault/conditions.js';
import { bindsParts, claimsFor } from './vault/constraints.js';
import { type Claims, type LoginRefusal, wouldLogIn } from './vault/login.js';

/** Who may do something. */
export interface WhoCan<Login = Admitted> {
  readonly who: readonly Login[];
  readonly undecided: readonly string[];
}

/** A role whose tokens may do it. */
export interface Admitted extends VaultLoginName {
  readonly policies: readonly string[];
  /** What a token must have, in words. */
  readonly conditions: readonly string[];
  /** The addresses that may log in, in CIDR notation; undefined for all. */
  readonly from?: readonly string[];
  /** The claims of a token that gets in. */
  readonly example: Claims;
}

/** What a token may do. */
export interface WhatCan {
  readonly logins: readonly (LoginName & {
    /** The addresses that may log in, in CIDR notation; undefined for all. */
    readonly from?: readonly string[];
    readonly policies: readonly string[];
    /** Capabilities by the paths of the rules, together of all policies; of Consul access by names such as `key_prefix:app/`. */
    readonly paths: Readonly<Record<string, readonly string[]>>;
  })[];
  readonly refused: readonly (LoginName & Pick<LoginRefusal, 'code' | 'claim'>)[];
  readonly undecided: readonly string[];
}

/** A capability that a request needs; `sudo` and `subscribe` stand beside others. */
export type AskedCapability = VaultOperation | 'sudo' | 'subscribe';

/** What is asked of Vault: a capability at a path. */
export interface AskedOfVault {
  readonly path: string;
  readonly capability: AskedCapability;
}

/**
 * The logins whose tokens have a capability at a path of Vault, or access to something of Consul. A role or a binding rule that lets no
 * token in is not among them.
 * @example
 * whoCan(access, { path: 'kv/data/app/db', capability: 'read' }).who.map(({ role }) => role);
 * whoCan(access, { resource: 'key', segment: 'app/db', access: 'write' }).who.map(({ authMethod, rule }) => [authMethod, rule]);
 */
export function whoCan(access: DeclaredAccess, asked: AskedOfVault): WhoCan;
export function whoCan(access: DeclaredAccess, asked: ConsulAccessRequest): WhoCan<ConsulAdmitted>;
export function whoCan(
  access: DeclaredAccess,
  asked: AskedOfVault | ConsulAccessRequest,
): WhoCan<Admitted | ConsulAdmitted> {
  return 'path' in asked ? whoCanInVault(access, asked) : whoCanInConsul(access, asked);
}

function whoCanInVault(access: DeclaredAccess, { path, capability }: AskedOfVault): WhoCan {
  const acl = aclsOf(access);
  const undecided = [...access.undecided];
  const who = access.logins.flatMap((login): Admitted[] => {
    const { mount, role, bounds } = login;
    const all = membershipsAt(login);
    const grants = (some: readonly Membership[]): boolean => allows(acl(policiesWith(login, some)), path, capability);
    // A rule that grants it can't take it away.
    const mayTake = all.filter((one) => {
      const rule = acl(policiesGiven(login, one)).ruleFor(operationOf(capability), path);
      return rule !== undefined && !rule.capabilities.includes(capability);
    });
    const admitted = (some: readonly Membership[]): readonly Admitted[] => {
      if (!grants(some)) return [];
      const lost = mayTake.filter((one) => !some.includes(one) && !grants([...some, one]));
      const { required, avoided } = claimsThatMake(some, [...some, ...lost]);
      const example = claimsFor(bounds, avoided, required);
      if (example === undefined) return [];
      const from = bounds.tokenBoundCidrs;
      const conditions = conditionsOf(bounds, some, lost);
      return [{ mount, role, policies: policiesWith(login, some), conditions, ...(from && { from }), example }];
    };
    // Where the role itself grants it, no entity and no group is needed.
    const own = admitted([]);
    const found = own.length > 0 ? own : all.flatMap((one) => admitted([one]));
    if (found.length === 0 && bindsParts(bounds) && [[], ...all.map((one) => [one])].some(grants))
      undecided.push(`${login.address}: it binds a claim and a part of it`);
    return [...found];
  });
  return { who, undecided };
}

/**
 * What a token may do, at each role of Vault and each auth method of Consul that lets it in.
 * @param role only at roles and auth methods of this name; default at all
 * @throws UsageError for claims that are not an object
 * @example
 * whatCan(access, { aud: 'vault', sub: 'me' }).logins[0]?.paths; // { 'kv/data/app/*': ['read'] }
 */
export function whatCan(access: DeclaredAccess, claims: Claims, role?: string): WhatCan {
  if (!isRecord(claims)) throw new UsageError('the claims must be an object, as a token has them');
  const acl = aclsOf(access);
  const logins: WhatCan['logins'][number][] = [];
  const refused: WhatCan['refused'][number][] = [];
  for (const login of access.logins) {
    if (role !== undefined && login.role !== role.toLowerCase()) continue;
    const { mount, role: name } = login;
    const { tokenBoundCidrs: from } = login.bounds;
    const verdict = wouldLogIn(login.bounds, claims, access.product);
    if (verdict.in) {
      const policies = policiesOf(login, verdict.identity);
      logins.push({ mount, role: name, ...(from && { from }), policies, paths: pathsOf(acl(policies)) });
    } else {
      const [{ code, claim }] = verdict.refusals;
      refused.push({ mount, role: name, code, ...(claim !== undefined && { claim }) });
    }
  }
  const consul = whatCanInConsul(access, claims, role);
  return {
    logins: [...logins, ...consul.logins],
    refused: [...refused, ...consul.refused],
    undecided: [...access.undecided, ...consul.undecided],
  };
}

/** Whether policies grant a capability at a path. */
export function allows(acl: VaultAcl, path: string, capability: AskedCapability): boolean {
  const granted = acl.isRoot ? [capability] : (acl.ruleFor(operationOf(capability), path)?.capabilities ?? []);
  return granted.includes(capability);
}

/** The operation at which a capability is looked for. */
export function operationOf(capability: AskedCapability): VaultOperation {
  return capability === 'sudo' || capability === 'subscribe' ? 'read' : capability;
}

/** Policies by their names, merged; those with the same names are merged once. */
export function aclsOf({ policies, product }: DeclaredAccess): (names: readonly string[]) => VaultAcl {
  const known = new Map<string, VaultAcl>();
  return (names) => {
    const key = JSON.stringify(names);
    const acl =
      known.get(key) ??
      vaultAcl(
        names.flatMap((name) => policies.get(name) ?? (name === 'root' ? [{ name, rules: [], undecided: [] }] : [])),
        product,
      );
    known.set(key, acl);
    return acl;
  };
}

function pathsOf(acl: VaultAcl): Readonly<Record<string, readonly string[]>> {
  if (acl.isRoot) return { '*': ['root'] };
  return Object.fromEntries(acl.rules.map(({ path, capabilities }) => [path, capabilities.toSorted()]));
}
