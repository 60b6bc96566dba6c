import { byKey } from '../../lint/index.js';
import type { AccessDifference } from '../difference.js';
import {
  claimsThatMake,
  combinationsOf,
  type Membership,
  membershipsSeenBy,
  policiesGiven,
  policiesOf,
  policiesWith,
} from '../identities.js';
import { authMethodKey, vaultLoginName } from '../logins.js';
import type { DeclaredAccess, DeclaredLogin } from '../read/declared.js';
import type { MergedRule, VaultAcl, VaultOperation } from './acl.js';
import { type DistinguishingRequest, distinguishingRequests, hasBounds } from './distinguishing-requests.js';
import { wouldLogIn } from './login.js';
import { pathPattern } from './path-pattern.js';
import { pathsToldApart } from './path-space.js';
import { mayOverlap, type SentToken, tokenOutside, UNDECIDED } from './token-outside.js';
import { type AskedCapability, aclsOf, allows, askedCapabilities, operationOf } from './who.js';

/** What the second declaration allows in Vault and the first does not. */
export function gainedInVault(
  before: DeclaredAccess,
  after: DeclaredAccess,
  leaveOut: (what: string) => void,
): AccessDifference[] {
  const sides = { before: aclsOf(before), after: aclsOf(after) };
  const identities = { before: identityTexts(sides.before), after: identityTexts(sides.after) };
  const mounts = byKey(before.logins, authMethodKey);
  const keyOf = (login: DeclaredLogin): string => JSON.stringify(vaultLoginName(login));
  const namesakes = new Map(before.logins.toReversed().map((one) => [keyOf(one), one]));
  return after.logins.flatMap((login): AccessDifference[] => {
    const { bounds } = login;
    const sameMount = mounts.get(authMethodKey(login)) ?? [];
    const namesake = namesakes.get(keyOf(login));
    const same = JSON.stringify(namesake?.bounds) === JSON.stringify(bounds) ? namesake : undefined;
    const isSame = same !== undefined && textOf(sides.before(same.policies)) === textOf(sides.after(login.policies));
    if (isSame && identities.before(same) === identities.after(login)) return [];
    const others = sameMount.filter((one) => mayOverlap(bounds, one.bounds));
    const compared = { login, same, isSame, others, sameMount, product: before.product, ...sides, leaveOut };
    return differencesOf(compared).map((one) => ({ ...vaultLoginName(login), ...one }));
  });
}

type Shown = Omit<
  AccessDifference,
  'namespace' | 'mount' | 'role' | 'flow' | 'server' | 'authMethod' | 'rule' | 'proven'
>;
type Merged = (names: readonly string[]) => VaultAcl;

/** A login, and what it is compared with. */
interface Compared {
  readonly login: DeclaredLogin;
  /** The same role from before, where it lets in the same tokens. */
  readonly same: DeclaredLogin | undefined;
  /** Whether that has the same policies, too. */
  readonly isSame: boolean;
  /** The roles from before that may let the same tokens in. */
  readonly others: readonly DeclaredLogin[];
  readonly sameMount: readonly DeclaredLogin[];
  readonly product: DeclaredAccess['product'];
  readonly before: Merged;
  readonly after: Merged;
  readonly leaveOut: (what: string) => void;
}

function differencesOf(compared: Compared): Shown[] {
  const { login, same, others, before, after, leaveOut } = compared;
  const find = tokenFinder(compared);
  const found: Shown[] = [];
  const newlyIn = same === undefined ? find([], [], () => true) : undefined;
  if (newlyIn !== undefined) found.push({ kind: 'login', witness: newlyIn });
  const memberships = membershipsSeenBy(login.bounds, [login, ...others]);
  const rules = [
    after(policiesWith(login, memberships)),
    ...others.map((one) => before(policiesWith(one, memberships))),
  ];
  const paths = pathsToldApart(rules.flatMap((acl) => acl.rules).map(({ path }) => pathPattern(path)));
  if (paths === undefined) {
    leaveOut(`${login.address}: its policies tell too many paths apart`);
    return found;
  }
  const { membershipsAt, isChanged } = membershipsOf(compared, memberships);
  /** By rule and capability, what tokens are that show it already. */
  const shown = new Map<string, (readonly Membership[])[]>();
  for (const path of after(login.policies).isRoot ? ['sys/mounts', ...paths] : paths) {
    for (const capability of askedCapabilities) {
      const asked = requestPath(path, capability);
      const { relevant, keeping } = membershipsAt(asked, capability);
      // One grants, and for each role from before one may keep a token from what that grants.
      const combinations = combinationsOf(relevant, keeping, others.length);
      if (combinations === undefined)
        leaveOut(
          `${login.address}: what more than one of its groups and entities grant at "${path}", which are too many`,
        );
      for (const some of combinations ?? [[], ...relevant.map((one) => [one])]) {
        if (!isChanged(some)) continue;
        const acl = after(policiesWith(login, some));
        if (!allows(acl, asked, capability)) continue;
        const key = `${acl.ruleFor(operationOf(capability), asked)?.path} ${capability}`;
        const already = shown.get(key) ?? [];
        if (already.some((fewer) => fewer.every((one) => some.includes(one)))) continue;
        const witness = witnessOf({ path: asked, capability, acl, some, relevant, others, before, find });
        if (witness === undefined) continue;
        shown.set(key, [...already, some]);
        found.push({ kind: 'access', path, capability, witness });
      }
    }
  }
  return found;
}

type Witness = AccessDifference['witness'];
type Find = ReturnType<typeof tokenFinder>;

interface Wanted {
  readonly path: string;
  readonly capability: AskedCapability;
  readonly acl: VaultAcl;
  readonly some: readonly Membership[];
  readonly relevant: readonly Membership[];
  readonly others: readonly DeclaredLogin[];
  readonly before: Merged;
  readonly find: Find;
}

/** A token that may newly do something, and a request where it depends on the request. */
function witnessOf({ path, capability, acl, some, relevant, others, before, find }: Wanted): Witness | undefined {
  const token = find(some, relevant, (one) => allows(one, path, capability));
  if (capability === 'sudo' || capability === 'subscribe' || capability === 'recover') return token;
  const acls = [acl, ...others.map((one) => before(policiesWith(one, some)))];
  const rules = acls.flatMap((one) => one.ruleFor(capability, path) ?? []);
  const isAllowed = (one: VaultAcl, { data, wrapTtl }: DistinguishingRequest): boolean =>
    one.decide({ operation: capability, path, data, wrapTtl: wrapTtl || undefined }).allowed;
  for (const request of distinguishingRequests(rules, capability)) {
    if (!isAllowed(acl, request)) continue;
    // What is granted to no request yet is shown by one that the bounds allow.
    if (token !== undefined) return isAllowed(acl, {}) ? token : { ...token, ...request };
    const found = find(some, relevant, (one) => isAllowed(one, request));
    if (found !== undefined) return { ...found, ...request };
  }
  return token;
}

/** Finds tokens of a login that no role from before lets in which grants something. */
function tokenFinder({ login, others, sameMount, product, before, leaveOut }: Compared) {
  const known = new Map<string, SentToken | undefined>();
  const { mount, bounds, address } = login;
  return (
    some: readonly Membership[],
    relevant: readonly Membership[],
    grants: (acl: VaultAcl) => boolean,
  ): Pick<Witness, 'claims' | 'address'> | undefined => {
    const admits =
      ({ claims, address: from }: SentToken) =>
      (one: DeclaredLogin) => {
        const verdict = wouldLogIn(one.bounds, claims, product, from);
        return verdict.in && grants(before(policiesOf(one, verdict.identity)));
      };
    // A token with lists may get in where single values tell that none does.
    const admitting = (token: SentToken) => (others.find(admits(token)) ?? sameMount.find(admits(token)))?.bounds;
    const granting = others.filter((one) => grants(before(policiesWith(one, some))));
    const key = [keysOf(some), keysOf(relevant), ...granting.map((one) => one.address)].join('|');
    const last = known.get(key);
    // A token that was found for another path holds where no role that lets it in grants this one.
    const isKnown = known.has(key) && (last === undefined || admitting(last) === undefined);
    const found = isKnown ? last : tokenOutside({ role: bounds, ...claimsThatMake(some, relevant), admitting });
    if (found === UNDECIDED)
      leaveOut(
        `${address}: whether roles at "${mount}" let all of its tokens in: too many overlap, or one binds a claim and a part of it`,
      );
    const token = found === UNDECIDED ? undefined : found;
    known.set(key, token);
    if (token === undefined) return undefined;
    const isBound = [login, ...sameMount].some(
      (one) => one.bounds.tokenBoundCidrs !== undefined && wouldLogIn(one.bounds, token.claims, product).in,
    );
    return { claims: token.claims, ...(isBound && { address: token.address }) };
  };
}

const keysKnown = new WeakMap<readonly Membership[], string>();

function keysOf(some: readonly Membership[]): string {
  const keys = keysKnown.get(some) ?? some.map(({ key }) => key).join();
  keysKnown.set(some, keys);
  return keys;
}

/** Which groups and entities matter at a path, and of which the policies have changed. */
function membershipsOf({ login, same, isSame, others, before, after }: Compared, memberships: readonly Membership[]) {
  const known = memberships.map((one) => {
    const now = after(policiesGiven(login, one));
    const isChanged = same === undefined || textOf(now) !== textOf(before(policiesGiven(same, one)));
    return { one, now, earlier: others.map((other) => before(policiesGiven(other, one))), isChanged };
  });
  const changed = new Set(known.filter(({ isChanged }) => isChanged).map(({ one }) => one));
  return {
    /** Those that have a say about a capability at a path, and of them those by which a token may do less. */
    membershipsAt: (path: string, capability: AskedCapability) => {
      const ruleOf = rulesAt(operationOf(capability), path);
      const grants = (rule: MergedRule | undefined): boolean => rule?.capabilities.includes(capability) === true;
      const here = known.map(({ one, now, earlier }) => ({
        one,
        now: ruleOf(now),
        earlier: earlier.flatMap((acl) => ruleOf(acl) ?? []),
      }));
      const own = others.flatMap((other) => ruleOf(before(other.policies)) ?? []);
      const granting = new Set(
        [...own, ...here.flatMap(({ earlier }) => earlier)].filter(grants).map((rule) => rule.path),
      );
      // A rule for the same path adds to another, unless it denies or bounds requests; one for another path may come before it.
      const mayKeep = (rule: MergedRule): boolean =>
        hasBounds(rule) ||
        rule.capabilities.includes('deny') ||
        (!grants(rule) && granting.size > (granting.has(rule.path) ? 1 : 0));
      return {
        relevant: here.filter(({ now, earlier }) => now !== undefined || earlier.length > 0).map(({ one }) => one),
        keeping: here
          .filter(({ now, earlier }) => [...earlier, ...(now && hasBounds(now) ? [now] : [])].some(mayKeep))
          .map(({ one }) => one),
      };
    },
    isChanged: (some: readonly Membership[]): boolean => !isSame || some.some((one) => changed.has(one)),
  };
}

/** The rules that decide at one path, looked up once for memberships that give the same. */
function rulesAt(operation: VaultOperation, path: string): (acl: VaultAcl) => MergedRule | undefined {
  const known = new Map<VaultAcl, MergedRule | undefined>();
  return (acl) => {
    if (!known.has(acl)) known.set(acl, acl.ruleFor(operation, path));
    return known.get(acl);
  };
}

/** What the entities and groups of a login get; those of a mount are compared once. */
function identityTexts(merged: Merged): (login: DeclaredLogin) => string {
  const known = new Map<unknown, string>();
  const textFor = (all: DeclaredLogin['groups'] = []): string => {
    const text =
      known.get(all) ??
      JSON.stringify(all.map(({ name, policies }) => [name.toLowerCase(), textOf(merged(policies))]).sort());
    known.set(all, text);
    return text;
  };
  return ({ entities, groups }) => `${textFor(entities)} ${textFor(groups)}`;
}

/** Lists are asked for with a slash. */
function requestPath(path: string, capability: AskedCapability): string {
  return capability === 'list' || capability === 'scan' ? `${path}/` : path;
}

/** What an ACL says, in any order of its policies. */
function textOf({ rules, isRoot }: VaultAcl): string {
  const lines = rules.map(({ policies: _names, allowedParameters, deniedParameters, ...rule }) =>
    JSON.stringify({ ...rule, allowed: [...allowedParameters], denied: [...deniedParameters] }),
  );
  return `${isRoot}${lines.sort().join('\n')}`;
}
