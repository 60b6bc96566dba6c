import {
  claimsThatMake,
  isSameAlias,
  type Membership,
  membershipsAt,
  policiesGiven,
  policiesOf,
  policiesWith,
} from '../identities.js';
import { type VaultLoginName, vaultLoginName } from '../logins.js';
import type { DeclaredAccess } from '../read/declared.js';
import { type VaultAcl, type VaultOperation, vaultAcl } from './acl.js';
import { conditionsOf } from './condition-sentences.js';
import { bindsParts, claimsFor } from './constraints.js';
import { USER_CLAIM, wouldLogIn } from './login.js';
import type { Claims, LoginRefusal } from './login-role.js';
import { matchesPath, pathPattern } from './path-pattern.js';
import type { UndecidedRule, VaultPolicy } from './policy.js';

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

/** A capability that a request needs; `sudo` and `subscribe` stand beside others. */
export type AskedCapability = VaultOperation | 'sudo' | 'subscribe';

/** All that there are. */
export const askedCapabilities: readonly AskedCapability[] = [
  ...(['create', 'read', 'update', 'patch', 'delete', 'list', 'sudo'] as const),
  ...(['subscribe', 'recover', 'scan'] as const),
];

/** What is asked of Vault: a capability at a path. */
export interface AskedOfVault {
  readonly path: string;
  readonly capability: AskedCapability;
}

/** The roles whose tokens have a capability at a path, alone or as an entity or a member of a group. */
export function whoCanInVault(
  access: DeclaredAccess,
  { path, capability }: AskedOfVault,
): { readonly who: readonly Admitted[]; readonly undecided: readonly string[] } {
  const acl = aclsOf(access);
  const policies = [...access.policies.values()];
  const isElsewhere = ({ within }: UndecidedRule): boolean =>
    [path, `${path}/`].every((one) => !matchesPath(pathPattern(within), one));
  const undecided = [...undecidedWithout(policies, isElsewhere, access)];
  const who = access.logins.flatMap((login): Admitted[] => {
    const { bounds } = login;
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
      return [
        { ...vaultLoginName(login), policies: policiesWith(login, some), conditions, ...(from && { from }), example },
      ];
    };
    // Where the role itself grants it, no entity and no group is needed.
    const own = admitted([]);
    const found = own.length > 0 ? own : all.flatMap((one) => admitted([one]));
    if (found.length === 0 && bindsParts(bounds) && [[], ...all.map((one) => [one])].some(grants))
      undecided.push(`${login.address}: it binds a claim and a part of it`);
    return [...found];
  });
  return { who, undecided: [...undecided, ...othersThatMay(access, acl, { path, capability })] };
}

/** What is undecided without rules of policies that have no say in what is asked. */
function undecidedWithout(
  policies: readonly VaultPolicy[],
  hasNoSay: (rule: UndecidedRule) => boolean,
  { undecided }: DeclaredAccess,
): readonly string[] {
  const left = policies.flatMap(({ undecidedAt = [] }) => undecidedAt.filter(hasNoSay));
  return undecided.filter((one) => !left.some((rule) => one.endsWith(rule.undecided)));
}

/** Logins that are not decided, and whose tokens may do something. */
function othersThatMay(
  { others = [], policies }: DeclaredAccess,
  acl: (names: readonly string[]) => VaultAcl,
  { path, capability }: AskedOfVault,
): readonly string[] {
  return others.flatMap(({ address, policies: names, isWhole }) => {
    const granting = names.filter((name) => allows(acl([name]), path, capability));
    const undeclared = names.find((name) => !policies.has(name) && name !== 'root');
    const say = (why: string): readonly string[] => [`${address}: ${why}, and who gets its tokens is not known here`];
    if (granting.length > 0) return say(`${granting.map((name) => `"${name}"`).join(', ')} may do it`);
    if (!isWhole) return say('its policies are not known');
    return undeclared === undefined ? [] : say(`the policy "${undeclared}" is not declared`);
  });
}

/** What a token may do in Vault, at each role that lets it in. */
export function whatCanInVault(access: DeclaredAccess, claims: Claims, role?: string) {
  const acl = aclsOf(access);
  const logins: (VaultLoginName & {
    readonly from?: readonly string[];
    readonly policies: readonly string[];
    readonly paths: Readonly<Record<string, readonly string[]>>;
  })[] = [];
  const refused: (VaultLoginName & Pick<LoginRefusal, 'code' | 'claim'>)[] = [];
  for (const login of access.logins) {
    if (role !== undefined && login.role !== role.toLowerCase()) continue;
    const name = vaultLoginName(login);
    const { tokenBoundCidrs: from } = login.bounds;
    const verdict = wouldLogIn(login.bounds, claims, access.product);
    const isDisabled = verdict.in && login.disabled?.some((name) => isSameAlias(name, verdict.identity.alias));
    if (isDisabled === true) {
      refused.push({ ...name, code: 'entity_disabled', claim: login.bounds.userClaim ?? USER_CLAIM });
    } else if (verdict.in) {
      const policies = policiesOf(login, verdict.identity);
      logins.push({ ...name, ...(from && { from }), policies, paths: pathsOf(acl(policies)) });
    } else {
      const [{ code, claim }] = verdict.refusals;
      refused.push({ ...name, code, ...(claim !== undefined && { claim }) });
    }
  }
  const had = new Set(logins.flatMap(({ policies }) => policies));
  const others = [...access.policies].filter(([key]) => !had.has(key)).map(([, policy]) => policy);
  const undecided = (access.others ?? [])
    .filter(({ hasJwt }) => hasJwt)
    .map(({ address }) => `${address}: whether its auth method lets the token in is not known here`);
  return { logins, refused, undecided: [...undecidedWithout(others, () => true, access), ...undecided] };
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
        names.flatMap((name): readonly VaultPolicy[] => {
          const policy = policies.get(name) ?? (name === 'root' ? { name, rules: [], undecided: [] } : undefined);
          return policy === undefined ? [] : [policy];
        }),
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
