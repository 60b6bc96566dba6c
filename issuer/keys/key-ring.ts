import { UsageError, VaultproofError } from '../../errors/index.js';
import { type KnownOptions, refuseUnknownOptions } from '../../internal/known-options.js';
import type { Clock } from '../clock.js';
import { type SigningAlgorithm, signingAlgorithms } from './algorithms.js';
import { generateSigningKey, publicHalfOf, type SigningKey } from './signing-key.js';

/** How long the old key verifies by default once the new one signs: the default lifetime of a token. */
export const OVERLAP_SECONDS = 300;

/** How a rotation goes. */
export interface RotationOptions {
  /** Default the algorithm of the key that signs. */
  readonly alg?: SigningAlgorithm | undefined;
  /** The key to rotate to; default a generated one. */
  readonly key?: SigningKey | undefined;
  /** How long the new key is published before it signs, so that caches have it; default 0. */
  readonly leadSeconds?: number | undefined;
  /** How long the old key still verifies once the new one signs; default 300, the default lifetime of a token. */
  readonly overlapSeconds?: number | undefined;
}

/**
 * The times of a rotation, with the defaults.
 * @throws UsageError for one that is not a whole number from 0 on
 */
function rotationTimes({ leadSeconds = 0, overlapSeconds = OVERLAP_SECONDS }: RotationOptions): {
  readonly leadSeconds: number;
  readonly overlapSeconds: number;
} {
  for (const [name, value] of Object.entries({ leadSeconds, overlapSeconds })) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new UsageError(`"${name}" must be a whole number of seconds, 0 or more, not "${value}"`);
  }
  return { leadSeconds, overlapSeconds };
}

/**
 * Where a key is in its life: `added` is known to the issuer alone; `published` is in the key set; `active` signs, too;
 * `overlapping` no longer signs and still verifies; `retired` is out of the key set for good.
 */
export type KeyState = 'added' | 'published' | 'active' | 'overlapping' | 'retired';

/** When a key enters each state, in seconds since 1970 by the issuer's clock; undefined for not yet known. */
export interface KeyTimes {
  readonly publishAt?: number;
  readonly activateAt?: number;
  readonly retireAt?: number;
}

const addOptions: KnownOptions<NonNullable<Parameters<KeyRing['add']>[1]>> = {
  publishAt: true,
  activateAt: true,
  retireAt: true,
  reuseKid: true,
  byDefault: true,
};

/** A key of the ring and where it is in its life. */
export interface ManagedKey extends KeyTimes {
  readonly key: SigningKey;
  readonly state: KeyState;
}

/**
 * The keys of an issuer, in the order in which they were added. Of retired keys the last 100 are kept, and of these the last 16 with
 * their private halves; the others are let go of when a key is added, and a clock that is moved back does not bring them back.
 */
export interface KeyRing {
  /** Every key that is kept, the retired ones included. */
  list(): readonly ManagedKey[];
  /** The keys of the key set. */
  published(): readonly SigningKey[];
  /**
   * The key that signs: the one that was activated last, of an algorithm or of any. A rotation takes its
   * predecessor's place: that of one algorithm does not make it the one that signs by default.
   * @throws VaultproofError `no_active_key`
   */
  active(alg?: SigningAlgorithm): SigningKey;
  /**
   * Adds a key; published and active from now on unless times say otherwise. One with `byDefault` false signs only where
   * its algorithm is asked for, or where there is no other.
   * @throws TypeError for what is no key, such as the name of an algorithm, and for an unknown option
   * @throws VaultproofError `kid_taken` for a kid that another key of the ring has or, unless `reuseKid`, had, as long as it is
   * kept
   */
  add(key: SigningKey, times?: KeyTimes & { readonly reuseKid?: boolean; readonly byDefault?: boolean }): void;
  /** Puts a key into the key set, now or at a time. @throws VaultproofError `unknown_kid`, for a retired one, too */
  publish(kid: string, at?: number): void;
  /**
   * Has a key sign from now or a time on; it is published by then.
   * @throws VaultproofError `unknown_kid`, for a retired one, too
   */
  activate(kid: string, at?: number): void;
  /** Takes a key out of the key set, now or at a time. @throws VaultproofError `unknown_kid` */
  retire(kid: string, at?: number): void;
  /**
   * Publishes a new key, has it sign, and retires the one that would sign by then, each at its time. That is the one of
   * the same algorithm; where there is none and `alg` doesn't ask for that, the one that signs by default.
   * @throws TypeError for a `leadSeconds` or `overlapSeconds` that is no whole number from 0 on
   * @throws VaultproofError `kid_taken`
   */
  rotate(options?: RotationOptions): Promise<SigningKey>;
}

/** A time, and which of the ring's activations it was: of two in one second the later one counts. */
interface Moment {
  readonly at: number;
  readonly turn: number;
}

interface Entry {
  key: SigningKey;
  turn: number;
  /** What decides between algorithms; a rotation hands it on. */
  rank: Moment;
  readonly times: { publishAt: number; activateAt: number | undefined; retireAt: number | undefined };
}

const RETIRED_KEPT = 100;
/** Enough for `POST /sign` with the kid of a key that was retired. */
const RETIRED_THAT_SIGN = 16;

/** An empty ring that goes by a clock. */
export function keyRing(clock: Clock): KeyRing {
  let entries: readonly Entry[] = [];
  let turns = 0;
  const reached = (time: number | undefined, now = clock.now()): boolean => time !== undefined && time <= now;
  const isRetired = ({ times }: Entry, now?: number): boolean => reached(times.retireAt, now);
  const isPublished = (entry: Entry, now?: number): boolean =>
    reached(entry.times.publishAt, now) && !isRetired(entry, now);

  const signing = (alg?: SigningAlgorithm, now = clock.now()): Entry | undefined => {
    const latest = new Map<SigningAlgorithm, Entry>();
    for (const entry of entries) {
      const { alg: own } = entry.key;
      if ((alg ?? own) !== own || !isPublished(entry, now) || !reached(entry.times.activateAt, now)) continue;
      const best = latest.get(own);
      if (!best || isAfter(activation(entry), activation(best))) latest.set(own, entry);
    }
    let first: Entry | undefined;
    for (const entry of latest.values()) if (!first || isAfter(entry.rank, first.rank)) first = entry;
    return first;
  };
  const find = (kid: string): Entry => {
    const entry = entries.findLast(({ key }) => key.kid === kid);
    if (entry) return entry;
    throw new VaultproofError('unknown_kid', `there is no key "${kid}", add it first`, { details: { kid } });
  };
  const findLiving = (kid: string): Entry => {
    const entry = find(kid);
    if (!isRetired(entry)) return entry;
    throw new VaultproofError('unknown_kid', `the key "${kid}" is retired for good, add another`, { details: { kid } });
  };
  const kept = (): readonly Entry[] => {
    const retired = entries.filter((entry) => isRetired(entry));
    // Of two that were retired in one second the one that was added later counts as the later one.
    const latest = retired.reverse().sort((a, b) => (b.times.retireAt ?? 0) - (a.times.retireAt ?? 0));
    for (const entry of latest.slice(RETIRED_THAT_SIGN)) entry.key = publicHalfOf(entry.key);
    const forgotten = new Set(latest.slice(RETIRED_KEPT));
    return entries.filter((entry) => !forgotten.has(entry));
  };
  const stateOf = (entry: Entry): KeyState => {
    if (isRetired(entry)) return 'retired';
    if (!isPublished(entry)) return 'added';
    if (!reached(entry.times.activateAt)) return 'published';
    return signing(entry.key.alg) === entry ? 'active' : 'overlapping';
  };

  const ring: KeyRing = {
    list: () => entries.map((entry) => ({ key: entry.key, state: stateOf(entry), ...known(entry.times) })),
    published: () => entries.filter((entry) => isPublished(entry)).map(({ key }) => key),
    active: (alg) => {
      const entry = signing(alg);
      if (entry) return entry.key;
      const wanted = alg === undefined ? 'no key' : `no key for "${alg}"`;
      const have = signingAlgorithms.filter((candidate) => signing(candidate));
      const way = alg === undefined || !isSigningAlgorithm(alg) || have.length === 0 ? '' : wayTo(have, alg);
      throw new VaultproofError(
        'no_active_key',
        `${wanted} is active; active keys: ${have.join(', ') || 'none'}${way}`,
        {
          details: { alg },
        },
      );
    },
    add: (key, options = {}) => {
      checkKey(key);
      refuseUnknownOptions('add', options, addOptions);
      const { reuseKid = false, byDefault = true, ...times } = options;
      const taken = entries.find((entry) => entry.key.kid === key.kid && !(reuseKid && isRetired(entry)));
      if (taken) {
        const message = `the kid "${key.kid}" belongs to another key of this ring${isRetired(taken) ? ', a retired one' : ''}`;
        throw new VaultproofError('kid_taken', message, { details: { kid: key.kid } });
      }
      const now = clock.now();
      const onItsOwn = times.publishAt === undefined && times.activateAt === undefined;
      const activateAt = onItsOwn ? now : times.activateAt;
      const turn = turns++;
      const publishAt = times.publishAt ?? times.activateAt ?? now;
      const added: Entry = {
        key,
        turn,
        rank: { at: byDefault ? (activateAt ?? now) : Number.NEGATIVE_INFINITY, turn },
        times: { publishAt, activateAt, retireAt: times.retireAt },
      };
      entries = [...kept(), added];
    },
    publish: (kid, at = clock.now()) => {
      findLiving(kid).times.publishAt = at;
    },
    activate: (kid, at = clock.now()) => {
      const entry = findLiving(kid);
      const { times } = entry;
      entry.turn = turns++;
      entry.rank = { at, turn: entry.turn };
      times.activateAt = at;
      times.publishAt = Math.min(times.publishAt, at);
    },
    retire: (kid, at = clock.now()) => {
      find(kid).times.retireAt = at;
    },
    rotate: async (options = {}) => {
      refuseUnknownOptions('rotate', options, { alg: true, key: true, leadSeconds: true, overlapSeconds: true });
      const { alg, key, ...times } = options;
      const { leadSeconds, overlapSeconds } = rotationTimes(times);
      const next = key ?? (await generateSigningKey(alg ?? signing()?.key.alg));
      const now = clock.now();
      const at = now + leadSeconds;
      const before = signing(next.alg, at) ?? (alg === undefined ? signing(undefined, at) : undefined);
      // A rotation that was called earlier with a longer lead takes over from this one.
      const after = entries
        .filter((entry) => entry.key.alg === next.alg && !isRetired(entry, at))
        .map(({ times }) => times.activateAt ?? at)
        .filter((activateAt) => activateAt > at);
      ring.add(next, {
        publishAt: now,
        activateAt: at,
        ...(after.length === 0 ? {} : { retireAt: Math.min(...after) + overlapSeconds }),
      });
      if (before) {
        before.times.retireAt = Math.min(before.times.retireAt ?? Number.POSITIVE_INFINITY, at + overlapSeconds);
        if (before.key.alg === next.alg) find(next.kid).rank = before.rank;
      }
      return next;
    },
  };
  return ring;
}

function activation({ times: { activateAt = 0 }, turn }: Entry): Moment {
  return { at: activateAt, turn };
}

function isAfter(one: Moment, other: Moment): boolean {
  return one.at > other.at || (one.at === other.at && one.turn > other.turn);
}

function known(times: Entry['times']): KeyTimes {
  const { publishAt, activateAt, retireAt } = times;
  return {
    publishAt,
    ...(activateAt === undefined ? {} : { activateAt }),
    ...(retireAt === undefined ? {} : { retireAt }),
  };
}

/** What TypeScript holds, for those who write JavaScript: the key set would have no such key, and nothing could sign with it. */
function checkKey(key: unknown): void {
  if (typeof key === 'object' && key !== null && 'kid' in key && 'sign' in key && 'publicJwk' in key) return;
  const isPromise = key instanceof Promise;
  const found = typeof key === 'string' ? `"${key}"` : isPromise ? 'a Promise' : 'something else';
  const alg = typeof key === 'string' && isSigningAlgorithm(key) ? key : 'RS256';
  throw new UsageError(`a key is needed, not ${found}: add(await generateSigningKey('${alg}'))`);
}

function isSigningAlgorithm(name: string): boolean {
  return signingAlgorithms.some((alg) => alg === name);
}

/** How an issuer comes to sign with an algorithm besides those that it has. */
function wayTo(have: readonly SigningAlgorithm[], alg: SigningAlgorithm): string {
  const algorithms = [...have, alg].map((one) => `'${one}'`).join(', ');
  return `: start it with startIssuer({ algorithms: [${algorithms}] })`;
}
