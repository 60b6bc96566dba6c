import { byKey } from '../lint/index.js';
import type { Declaration } from './read/declarations.js';
import type { DeclaredAccess, DeclaredLogin } from './read/declared.js';
import { wouldLogIn } from './vault/login.js';
import { tokenOutside } from './vault/token-outside.js';

/** What is said of an auth method holds for it alone: where it is the same, so is what is not known of it. */
const AUTH_METHOD = /(?:^|\.)vault_jwt_auth_backend\./;

/**
 * Tells whether something undecided may hide that the second declaration allows more: it is about something that is declared otherwise
 * there, or on which a login depends that is.
 */
export function mayWiden(base: DeclaredAccess, head: DeclaredAccess): (undecided: string) => boolean {
  let isOpen: ((undecided: string) => boolean) | undefined;
  return (undecided) => {
    isOpen ??= compared(base, head);
    return isOpen(undecided);
  };
}

/** Tells whether what is at an address, and all that it refers to, is not the same in two declarations. */
export function isDeclaredOtherwise(base: DeclaredAccess, head: DeclaredAccess): (address: string) => boolean {
  let texts: readonly (ReadonlyMap<string, Declaration> | undefined)[] | undefined;
  return (address) => {
    texts ??= [base.declarations?.(), head.declarations?.()];
    const [before, after] = texts.map((one) => one?.get(address)?.text);
    return before === undefined || before !== after;
  };
}

function compared(base: DeclaredAccess, head: DeclaredAccess): (undecided: string) => boolean {
  const [before, after] = [base.declarations?.(), head.declarations?.()];
  if (before === undefined || after === undefined) return () => true;
  const changed = new Set<string>();
  const addressOf = ({ address }: DeclaredLogin): string => address;
  const [loginsBefore, loginsAfter] = [byKey(base.logins, addressOf), byKey(head.logins, addressOf)];
  for (const [address, declaration] of after) {
    const old = before.get(address);
    if (old?.text === declaration.text) continue;
    const logins = [loginsBefore.get(address) ?? [], loginsAfter.get(address) ?? []] as const;
    if (old?.granted === declaration.granted && letsInNoMore(...logins, base.product)) continue;
    changed.add(address);
    if (!declaration.isLogin) continue;
    for (const part of [...declaration.parts, ...(old?.parts ?? [])]) if (!AUTH_METHOD.test(part)) changed.add(part);
  }
  const known = (address: string): boolean => before.has(address) || after.has(address);
  return (undecided) => {
    const about = addressIn(undecided, known);
    return about === undefined || changed.has(about);
  };
}

/** Whether a role that is known on both sides lets in no token that it did not let in before, by each flow. */
function letsInNoMore(
  before: readonly DeclaredLogin[],
  after: readonly DeclaredLogin[],
  product: DeclaredAccess['product'],
): boolean {
  if (before.length === 0 || after.length === 0) return false;
  return after.every(({ bounds }) => {
    const same = before.filter((one) => one.bounds.flow === bounds.flow).map((one) => one.bounds);
    const found = tokenOutside({
      role: bounds,
      admitting: ({ claims, address }) => same.find((one) => wouldLogIn(one, claims, product, address).in),
    });
    return found === undefined;
  });
}

/** What an undecided is about: the address that it begins with. */
function addressIn(undecided: string, isKnown: (address: string) => boolean): string | undefined {
  for (let end = undecided.indexOf(': '); end >= 0; end = undecided.indexOf(': ', end + 1)) {
    if (isKnown(undecided.slice(0, end))) return undecided.slice(0, end);
  }
  return undefined;
}
