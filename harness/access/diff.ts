import { gainedInConsul } from './consul/diff.js';
import type { AccessDifference } from './difference.js';
import type { DeclaredAccess, DeclaredLogin } from './read/declared.js';
import type { MergedRule, VaultAcl, VaultOperation } from './vault/acl.js';
import { mayOverlap, tokenOutside, UNDECIDED } from './vault/escape.js';
import { type Claims, type VaultLoginRole, wouldLogIn } from './vault/login.js';
import type { RequestData } from './vault/parameters.js';
import { pathPattern } from './vault/path-pattern.js';
import { pathsToldApart } from './vault/path-space.js';
import { type AskedCapability, aclsOf, allows } from './who.js';

/** Where two declarations differ in whom they let in, or in what those may do. */
export interface AccessDiff {
  /** What the second one allows and the first does not. */
  readonly widened: readonly AccessDifference[];
  /** What the first one allows and the second does not. */
  readonly narrowed: readonly AccessDifference[];
  /** What is not known of either, and is left out. */
  readonly undecided: readonly string[];
}

const CAPABILITIES: readonly AskedCapability[] = [
  ...(['create', 'read', 'update', 'patch', 'delete', 'list', 'sudo', 'subscribe'] as const),
  ...(['recover', 'scan'] as const),
];

/**
 * Whom a change lets in who was out before, and what logins may newly do, and the reverse. Roles are compared by what their tokens get: a
 * role that is only renamed, or a policy that is only written otherwise, is no difference. Each has a witness that is found exactly: globs
 * are taken as regular languages, paths by the kinds that rules tell apart.
 * @param base before the change
 * @param head after it
 * @example
 * accessDiff(await readAccess('main'), await readAccess('branch')).widened; // [{ kind: 'login', role: 'ci', witness: { claims: ... } }]
 */
export function accessDiff(base: DeclaredAccess, head: DeclaredAccess): AccessDiff {
  const undecided = new Set([
    ...base.undecided.map((one) => `before: ${one}`),
    ...head.undecided.map((one) => `after: ${one}`),
  ]);
  const of = (before: DeclaredAccess, after: DeclaredAccess): readonly AccessDifference[] => [
    ...gained(before, after, (one) => undecided.add(one)),
    ...gainedInConsul(before, after, (one) => undecided.add(one)),
  ];
  const [widened, narrowed] = [of(base, head), of(head, base)];
  for (const { address, groups } of [...base.logins, ...head.logins]) {
    if (groups !== undefined) undecided.add(`${address}: what its groups give is not compared`);
  }
  return { widened, narrowed, undecided: [...undecided] };
}

/** What the second declaration allows and the first does not. */
function gained(before: DeclaredAccess, after: DeclaredAccess, leaveOut: (what: string) => void): AccessDifference[] {
  const [aclBefore, aclAfter] = [aclsOf(before), aclsOf(after)];
  return after.logins.flatMap((login): AccessDifference[] => {
    const { mount, role, bounds } = login;
    const sameMount = before.logins.filter((one) => one.mount === mount);
    const same = sameMount.find((one) => one.role === role);
    const isSameLogin = same !== undefined && JSON.stringify(same.bounds) === JSON.stringify(bounds);
    const acl = aclAfter(login);
    if (isSameLogin && textOf(aclBefore(same)) === textOf(acl)) return [];
    const others = sameMount.filter((one) => mayOverlap(bounds, one.bounds));
    const witness: Asked['witness'] = (among, grants) => {
      const claims = tokenOutside(bounds, among.map(boundsOf));
      if (claims === UNDECIDED)
        leaveOut(
          `${login.address}: whether roles at "${mount}" let all of its tokens in: too many overlap, or one binds a claim and a part of it`,
        );
      if (claims === UNDECIDED || claims === undefined) return undefined;
      // A token with lists may get in where single values tell that none does.
      const more = sameMount.filter((one) => wouldLogIn(one.bounds, claims, before.product).in && grants(one));
      return more.length === 0 ? claims : witness([...among, ...more], grants);
    };
    const claims = isSameLogin ? undefined : witness(others, () => true);
    const found: AccessDifference[] = claims === undefined ? [] : [{ kind: 'login', mount, role, witness: { claims } }];
    const rules = [acl, ...others.map(aclBefore)].flatMap((one) => one.rules);
    const paths = pathsToldApart(rules.map(({ path }) => pathPattern(path)));
    if (paths === undefined) {
      leaveOut(`${login.address}: its policies tell too many paths apart`);
      return found;
    }
    const admits: Asked['admits'] = (token, grants) =>
      sameMount.some((one) => wouldLogIn(one.bounds, token, before.product).in && grants(one));
    const asked = { acl, others, aclBefore, witness, admits, isRoot: acl.isRoot };
    return [...found, ...accessGained(asked, paths).map((one) => ({ kind: 'access' as const, mount, role, ...one }))];
  });
}

interface Asked {
  readonly acl: VaultAcl;
  /** The roles before that may let the same tokens in. */
  readonly others: readonly DeclaredLogin[];
  readonly aclBefore: (login: DeclaredLogin) => VaultAcl;
  /** A token of the login that no role gets in which grants the same; some of those roles are known. */
  readonly witness: (known: readonly DeclaredLogin[], grants: (login: DeclaredLogin) => boolean) => Claims | undefined;
  /** Whether a role from before lets a token in, of those that grant something. */
  readonly admits: (claims: Claims, grants: (login: DeclaredLogin) => boolean) => boolean;
  readonly isRoot: boolean;
}

/** A path, a capability and a token that show a difference. */
interface Shown {
  readonly path: string;
  readonly capability: AskedCapability;
  readonly witness: AccessDifference['witness'];
}

/** What a login may newly do: of each rule and capability one path. */
function accessGained({ acl, others, aclBefore, witness, admits, isRoot }: Asked, paths: readonly string[]): Shown[] {
  const known = new Map<string, Claims | undefined>();
  const outside = (among: readonly DeclaredLogin[], grants: (login: DeclaredLogin) => boolean): Claims | undefined => {
    const key = among.map(({ address }) => address).join(' ');
    const before = known.get(key);
    // A token that was found for another path holds where no role that lets it in grants this one.
    if (known.has(key) && (before === undefined || !admits(before, grants))) return before;
    const found = witness(among, grants);
    known.set(key, found);
    return found;
  };
  const shown = new Set<string>();
  const found: Shown[] = [];
  for (const path of isRoot ? ['sys/mounts', ...paths] : paths) {
    for (const capability of CAPABILITIES) {
      const asked = requestPath(path, capability);
      if (!allows(acl, asked, capability)) continue;
      const rule = acl.ruleFor(operationOf(capability), asked);
      const key = `${rule?.path} ${capability}`;
      if (shown.has(key)) continue;
      const grants = (one: DeclaredLogin): boolean => allows(aclBefore(one), asked, capability);
      const granting = others.filter(grants);
      const claims = outside(granting, grants);
      const request = claims === undefined ? requestGained(acl, granting.map(aclBefore), asked, capability) : undefined;
      const shownBy = claims ?? (request && witness([], () => false));
      if (shownBy === undefined) continue;
      shown.add(key);
      found.push({ path, capability, witness: { claims: shownBy, ...request } });
    }
  }
  return found;
}

/** A request that one policy allows, and none of the others: by its body, or by how long its answer is wrapped. */
function requestGained(
  acl: VaultAcl,
  others: readonly VaultAcl[],
  path: string,
  capability: AskedCapability,
): Pick<AccessDifference['witness'], 'data' | 'wrapTtl'> | undefined {
  if (capability === 'sudo' || capability === 'subscribe' || capability === 'recover') return undefined;
  const rules = [acl, ...others].flatMap((one) => one.ruleFor(capability, path) ?? []);
  const hasBody = capability === 'create' || capability === 'update' || capability === 'patch';
  const bodies = hasBody ? bodiesFor(rules) : [];
  const wraps = wrapTtlsFor(rules);
  const requests = (bodies.length === 0 ? [undefined] : bodies).flatMap((data) =>
    (wraps.length === 0 ? [undefined] : wraps).map((wrapTtl) => ({
      ...(data && { data }),
      ...(wrapTtl !== undefined && { wrapTtl }),
    })),
  );
  const isAllowed = (one: VaultAcl, { data, wrapTtl }: (typeof requests)[number]): boolean =>
    one.decide({ operation: capability, path, data, wrapTtl: wrapTtl || undefined }).allowed;
  return requests.find((request) => isAllowed(acl, request) && !others.some((one) => isAllowed(one, request)));
}

/** Wrapping TTLs that tell the bounds of rules apart, none before all others. */
function wrapTtlsFor(rules: readonly MergedRule[]): readonly number[] {
  const bounds = rules.flatMap(({ minWrappingTtl, maxWrappingTtl }) => [minWrappingTtl, maxWrappingTtl]);
  const set = bounds.filter((bound) => bound > 0);
  if (set.length === 0) return [];
  return [...new Set([0, ...set, ...set.flatMap((bound) => [bound - 1, bound + 1])])].filter(Number.isSafeInteger);
}

/** Bodies that tell the parameter bounds of rules apart: each value that is listed, and one that is not. */
function bodiesFor(rules: readonly MergedRule[]): readonly RequestData[] {
  const listed = rules.flatMap(({ allowedParameters, deniedParameters }) => [
    ...allowedParameters,
    ...deniedParameters,
  ]);
  const required = rules.flatMap(({ requiredParameters }) => requiredParameters.map((name) => name.toLowerCase()));
  if (listed.length === 0 && required.length === 0) return [];
  const names = [...new Set([...listed.map(([name]) => name), ...required, 'other'])].filter((name) => name !== '*');
  const values = [
    ...new Set(
      listed.flatMap(([, all]) => all).map((one) => (typeof one === 'string' ? one.replaceAll('*', 'x') : one)),
    ),
  ];
  const ones = names.flatMap((name) => [...values, 'another'].map((value) => ({ [name]: value })));
  const base = Object.fromEntries(required.map((name) => [name, values[0] ?? 'x']));
  return [{}, base, ...ones, ...ones.map((one) => ({ ...base, ...one }))];
}

/** Lists are asked for with a slash. */
function requestPath(path: string, capability: AskedCapability): string {
  return capability === 'list' || capability === 'scan' ? `${path}/` : path;
}

function operationOf(capability: AskedCapability): VaultOperation {
  return capability === 'sudo' || capability === 'subscribe' ? 'read' : capability;
}

function boundsOf({ bounds }: DeclaredLogin): VaultLoginRole {
  return bounds;
}

/** What an ACL says, in any order of its policies. */
function textOf({ rules, isRoot }: VaultAcl): string {
  const lines = rules.map(({ policies: _names, allowedParameters, deniedParameters, ...rule }) =>
    JSON.stringify({ ...rule, allowed: [...allowedParameters], denied: [...deniedParameters] }),
  );
  return `${isRoot}${lines.sort().join('\n')}`;
}
