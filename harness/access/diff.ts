import { byKey, isKnown } from '../lint/index.js';
import { gainedInConsul } from './consul/diff.js';
import type { AccessDifference } from './difference.js';
import { authMethodKey, vaultLoginName } from './logins.js';
import { isDeclaredOtherwise, mayWiden } from './may-widen.js';
import { type DeclaredAccess, type DeclaredLogin, type DeclaredTrust, requireAccess } from './read/declared.js';
import { gainedInVault } from './vault/diff.js';

/** Where two declarations differ in whom they let in, or in what those may do. */
export interface AccessDiff {
  /** What the second one allows and the first does not. */
  readonly widened: readonly AccessDifference[];
  /** What the first one allows and the second does not. */
  readonly narrowed: readonly AccessDifference[];
  /** What is not known of either, and is left out. */
  readonly undecided: readonly string[];
  /** What of that may hide that the second one allows more: it is declared otherwise, or a login that depends on it is. */
  readonly mayWiden: readonly string[];
}

/**
 * Whom a change lets in who was out before, and what logins may newly do, and the reverse. Roles are compared by what their tokens get, by
 * their entities and groups, too: a role that is only renamed, or a policy that is only written otherwise, is no difference. Each has a
 * witness that is found exactly: globs are taken as regular languages, addresses as sets, paths by the kinds that rules tell apart.
 * @param base before the change
 * @param head after it
 * @throws UsageError for what is not the access of a declaration
 * @example
 * accessDiff(await readAccess('main'), await readAccess('branch')).widened; // [{ kind: 'login', role: 'ci', witness: { claims: ... } }]
 */
export function accessDiff(base: DeclaredAccess, head: DeclaredAccess): AccessDiff {
  requireAccess(base);
  requireAccess(head);
  const gained = (before: DeclaredAccess, after: DeclaredAccess) => {
    const open = new Set<string>();
    const leaveOut = (what: string): void => void open.add(what);
    const found = [...gainedInVault(before, after, leaveOut), ...gainedInConsul(before, after, leaveOut)];
    return { found, open };
  };
  const [widened, narrowed] = [gained(base, head), gained(head, base)];
  const isChanged = mayWiden(base, head);
  const isOtherwise = isDeclaredOtherwise(base, head);
  // What is the same on both sides lets in the same.
  const othersIn = ({ others = [], consul }: DeclaredAccess): readonly string[] =>
    [...others, ...(consul?.tokens ?? [])].flatMap(({ address }) =>
      isOtherwise(address) ? [`${address}: who gets its tokens, and what they may do, is not compared`] : [],
    );
  const from = namespaceChange(base, head);
  const trusted = newlyTrusted(base, head, isOtherwise);
  const declared = [
    ...[...base.undecided, ...othersIn(base)].map((one) => ({ shown: `before: ${one}`, isOpen: isChanged(one) })),
    ...[...head.undecided, ...othersIn(head)].map((one) => ({ shown: `after: ${one}`, isOpen: isChanged(one) })),
  ];
  const shown = declared.map((one) => one.shown);
  const hidden = declared.filter((one) => one.isOpen).map((one) => one.shown);
  return {
    widened: widened.found,
    narrowed: narrowed.found,
    undecided: [
      ...new Set([...from, ...trusted, ...newlyTrusted(head, base, isOtherwise)]),
      ...new Set([...shown, ...widened.open, ...narrowed.open]),
    ],
    mayWiden: [...new Set([...from, ...trusted, ...hidden, ...widened.open])],
  };
}

/** Paths are counted from the namespace that the server stands for: where that is another one, what is the same is elsewhere. */
function namespaceChange(base: DeclaredAccess, head: DeclaredAccess): readonly string[] {
  const [before, after] = [base.namespace ?? '', head.namespace ?? ''];
  const isThere = [base, head].every(({ logins, policies }) => logins.length + policies.size > 0);
  if (before === after || !isThere) return [];
  return [`provider.vault: paths were counted from the namespace "${before}" and are from "${after}"`];
}

/** What lets in tokens whatever their claims are, and did not before: it is compared by its value, and not by what that lets in. */
function newlyTrusted(
  before: DeclaredAccess,
  after: DeclaredAccess,
  isOtherwise: (address: string) => boolean,
): readonly string[] {
  const nameOf = (login: DeclaredLogin): string => JSON.stringify(vaultLoginName(login));
  const [namesakes, neighbours] = [byKey(before.logins, nameOf), byKey(before.logins, authMethodKey)];
  const vault = after.logins.map((login) => ({
    login,
    earlier: namesakes.get(nameOf(login)) ?? neighbours.get(authMethodKey(login)) ?? [],
  }));
  const methods = byKey(before.consul?.logins ?? [], ({ authMethod }) => authMethod);
  const consul = (after.consul?.logins ?? []).map((login) => ({ login, earlier: methods.get(login.authMethod) ?? [] }));
  return [...vault, ...consul].flatMap(({ login, earlier }) => {
    // Who gets in by an auth method that was not there is newly in anyway.
    if (earlier.length === 0) return [];
    const had = earlier.flatMap(({ trusts = [] }) => trusts);
    const isNew = ({ address, argument, value }: DeclaredTrust): boolean =>
      !had.some((one) => one.argument === argument && one.value === value) || (!isKnown(value) && isOtherwise(address));
    return (login.trusts ?? [])
      .filter(isNew)
      .map(
        ({ address, argument }) =>
          `${address}: "${argument}" has changed, and which tokens that lets in is not compared`,
      );
  });
}
