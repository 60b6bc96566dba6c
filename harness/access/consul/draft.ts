import { withValue } from '../vault/constraints.js';
import type { Claims } from '../vault/login-role.js';

/** Whether something holds of a token; undefined where that is still open. */
export type Truth = boolean | undefined;

/** There may be such a token where none was found. */
export const UNDECIDED = Symbol('undecided');

/** A claim's value that is still open. */
export const OPEN = Symbol('open');

/** More tokens are not tried for one question. */
const MOST_TRIED = 2_000;

/** A claim that selectors and bind names can see, and the values that they tell apart. */
export interface SeenClaim {
  /** The members that lead to it. */
  readonly location: readonly string[];
  /** Of a claim that is one value; undefined is none. */
  readonly values: readonly (string | undefined)[];
  /** Of a claim that is a list: what may be in it. */
  readonly elements?: readonly string[];
}

/** A token in the making: what is asked of it and still open is settled next. */
export interface Draft {
  /** Whether something holds of a claim that is one value. */
  is(claim: SeenClaim, holds: (value: string | undefined) => Truth): Truth;
  /** Its value; undefined where the token lacks it. */
  value(claim: SeenClaim): string | undefined | typeof OPEN;
  /** Whether a list has an element. */
  holds(claim: SeenClaim, element: string): Truth;
  /** Whether the token has a list, be it an empty one. */
  hasList(claim: SeenClaim): Truth;
  /** Whether anything was asked that is still open. */
  isAsking(): boolean;
}

/** What is settled of a claim: the values that are left, or of a list whether it is there and what it has. */
interface Settled {
  readonly left: readonly (string | undefined)[];
  readonly isThere?: boolean;
  readonly elements: ReadonlyMap<string, boolean>;
}

/** A claim, and the ways in which what was asked of it can be settled. */
interface Asked {
  readonly claim: SeenClaim;
  readonly choices: () => readonly Settled[];
}

/**
 * The claims of a token for which something holds, found by going through the values that are told apart of those claims that
 * it depends on.
 * @param goal what must hold, as far as a draft tells
 * @param shown the claims that the token should have where it can
 * @returns undefined where there is no such token
 */
export function findClaims(
  goal: (draft: Draft) => Truth,
  shown: readonly SeenClaim[] = [],
): Claims | typeof UNDECIDED | undefined {
  let tried = 0;
  let isOpen = false;
  const search = (settled: ReadonlyMap<SeenClaim, Settled>): Claims | undefined => {
    tried++;
    const { draft, asked } = draftOf(settled);
    const truth = tried > MOST_TRIED ? undefined : goal(draft);
    if (truth === true) return claimsOf(settled, shown);
    if (truth === false) return undefined;
    const next = asked();
    // What no value settles is a regular expression.
    if (tried > MOST_TRIED || next === undefined) {
      isOpen = true;
      return undefined;
    }
    for (const choice of next.choices()) {
      const found = search(new Map(settled).set(next.claim, choice));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(new Map()) ?? (isOpen ? UNDECIDED : undefined);
}

function draftOf(settled: ReadonlyMap<SeenClaim, Settled>) {
  let asked: Asked | undefined;
  const knownOf = (claim: SeenClaim): Settled => settled.get(claim) ?? { left: claim.values, elements: new Map() };
  const draft: Draft = {
    isAsking: () => asked !== undefined,
    is: (claim, holds) => {
      const { left, ...known } = knownOf(claim);
      const truths = left.map(holds);
      const kinds = [...new Set(truths)];
      if (kinds.length === 1) return kinds[0];
      const leftOf = (kind: Truth) => left.filter((_value, index) => truths[index] === kind);
      asked ??= { claim, choices: () => kinds.map((kind) => ({ ...known, left: leftOf(kind) })) };
      return undefined;
    },
    value: (claim) => {
      const { left, ...known } = knownOf(claim);
      if (left.length === 1) return left[0];
      asked ??= { claim, choices: () => left.map((value) => ({ ...known, left: [value] })) };
      return OPEN;
    },
    holds: (claim, element) => {
      const known = knownOf(claim);
      if (known.isThere === false) return false;
      const found = known.elements.get(element);
      const choices = (): Settled[] =>
        [true, false].map((has) => ({ ...known, elements: new Map(known.elements).set(element, has) }));
      if (found === undefined) asked ??= { claim, choices };
      return found;
    },
    hasList: (claim) => {
      const known = knownOf(claim);
      if ([...known.elements.values()].includes(true)) return true;
      const choices = (): Settled[] => [true, false].map((isThere) => ({ ...known, isThere }));
      if (known.isThere === undefined) asked ??= { claim, choices };
      return known.isThere;
    },
  };
  return { draft, asked: () => asked };
}

function claimsOf(settled: ReadonlyMap<SeenClaim, Settled>, shown: readonly SeenClaim[]): Claims {
  let claims: Claims = {};
  const isFirst = ([{ location }]: readonly [SeenClaim, Settled]): boolean =>
    ['iss', 'aud'].includes(location[0] ?? '');
  const inOrder = [...settled].toSorted((one, other) => Number(isFirst(other)) - Number(isFirst(one)));
  for (const [claim, { left, isThere, elements }] of inOrder) {
    const has = [...elements].flatMap(([element, isIn]) => (isIn ? [element] : []));
    const isNeeded = shown.includes(claim) || !left.includes(undefined);
    const single = isNeeded ? (left.find((one) => one !== undefined && one !== '') ?? left[0]) : undefined;
    const value = claim.elements === undefined ? single : has.length > 0 || isThere === true ? has : undefined;
    if (value !== undefined) claims = withValue(claims, claim.location, value);
  }
  return claims;
}

/** Whether all hold, looked at in their order until one does not, or something is asked that has to be settled first. */
export function all(draft: Draft, ...truths: readonly (() => Truth)[]): Truth {
  return first(draft, truths, (truth) => truth(), false);
}

/** Whether any holds, looked at in the same way. */
export function any<Item>(draft: Draft, items: Iterable<Item>, truth: (item: Item) => Truth): Truth {
  return first(draft, items, truth, true);
}

function first<Item>(draft: Draft, items: Iterable<Item>, truth: (item: Item) => Truth, decisive: boolean): Truth {
  let found: Truth = !decisive;
  for (const item of items) {
    const one = truth(item);
    if (one === decisive) return decisive;
    if (one === undefined) found = undefined;
    if (one === undefined && draft.isAsking()) return undefined;
  }
  return found;
}

/** Whether something does not hold. */
export function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}
