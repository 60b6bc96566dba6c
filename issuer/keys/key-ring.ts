import { VaultproofError } from '../../errors/index.js';
import type { Clock } from '../clock.js';
import { type SigningAlgorithm, signingAlgorithms } from './algorithms.js';
import { generateSigningKey, type SigningKey } from './signing-key.js';

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

/** A key of the ring and where it is in its life. */
export interface ManagedKey extends KeyTimes {
  readonly key: SigningKey;
  readonly state: KeyState;
}

/** How a rotation goes. */
export interface RotationOptions {
  /** Default the algorithm of the key that signs. */
  readonly alg?: SigningAlgorithm;
  /** The key to rotate to; default a generated one. */
  readonly key?: SigningKey;
  /** How long the new key is published before it signs, so that caches have it; default 0. */
  readonly leadSeconds?: number;
  /** How long the old key still verifies once the new one signs; default 300, the default lifetime of a token. */
  readonly overlapSeconds?: number;
}

/** The keys of an issuer, in the order in which they were added. */
export interface KeyRing {
  /** Every key that was ever added, the retired ones included. */
  list(): readonly ManagedKey[];
  /** The keys of the key set. */
  published(): readonly SigningKey[];
  /**
   * The key that signs: the one that was activated last, of an algorithm or of any.
   * @throws VaultproofError `no_active_key`
   */
  active(alg?: SigningAlgorithm): SigningKey;
  /**
   * Adds a key; published and active from now on unless times say otherwise.
   * @throws VaultproofError `kid_taken` for a kid that another key of the ring has or, unless `reuseKid`, had
   */
  add(key: SigningKey, times?: KeyTimes & { readonly reuseKid?: boolean }): void;
  /** Puts a key into the key set, now or at a time. @throws VaultproofError `unknown_kid` */
  publish(kid: string, at?: number): void;
  /** Has a key sign from now or a time on; it is published by then. @throws VaultproofError `unknown_kid` */
  activate(kid: string, at?: number): void;
  /** Takes a key out of the key set, now or at a time. @throws VaultproofError `unknown_kid` */
  retire(kid: string, at?: number): void;
  /** Publishes a new key, has it sign, and retires the one that signed, each at its time. */
  rotate(options?: RotationOptions): Promise<SigningKey>;
}

interface Entry {
  readonly key: SigningKey;
  /** Which of the ring's activations was the last of this key: of two in one second the later one counts. */
  turn: number;
  readonly times: { publishAt: number | undefined; activateAt: number | undefined; retireAt: number | undefined };
}

const OVERLAP_SECONDS = 300;

/** An empty ring that goes by a clock. */
export function keyRing(clock: Clock): KeyRing {
  const entries: Entry[] = [];
  let turns = 0;
  const reached = (time: number | undefined): boolean => time !== undefined && time <= clock.now();
  const isRetired = ({ times }: Entry): boolean => reached(times.retireAt);
  const isPublished = (entry: Entry): boolean => reached(entry.times.publishAt) && !isRetired(entry);

  const signing = (alg?: SigningAlgorithm): Entry | undefined =>
    entries
      .filter(
        (entry) => isPublished(entry) && reached(entry.times.activateAt) && (alg ?? entry.key.alg) === entry.key.alg,
      )
      .sort((a, b) => (a.times.activateAt ?? 0) - (b.times.activateAt ?? 0) || a.turn - b.turn)
      .at(-1);
  const find = (kid: string): Entry => {
    const entry = entries.findLast(({ key }) => key.kid === kid);
    if (entry) return entry;
    throw new VaultproofError('unknown_kid', `there is no key "${kid}", add it first`, { details: { kid } });
  };
  const stateOf = (entry: Entry): KeyState => {
    if (isRetired(entry)) return 'retired';
    if (!isPublished(entry)) return 'added';
    if (!reached(entry.times.activateAt)) return 'published';
    return signing(entry.key.alg) === entry ? 'active' : 'overlapping';
  };

  const ring: KeyRing = {
    list: () => entries.map((entry) => ({ key: entry.key, state: stateOf(entry), ...known(entry.times) })),
    published: () => entries.filter(isPublished).map(({ key }) => key),
    active: (alg) => {
      const entry = signing(alg);
      if (entry) return entry.key;
      const wanted = alg === undefined ? 'no key' : `no key for "${alg}"`;
      const have = signingAlgorithms.filter((candidate) => signing(candidate));
      throw new VaultproofError('no_active_key', `${wanted} signs now, there are: ${have.join(', ') || 'none'}`, {
        details: { alg },
      });
    },
    add: (key, { reuseKid = false, ...times } = {}) => {
      const taken = entries.find((entry) => entry.key.kid === key.kid && !(reuseKid && isRetired(entry)));
      if (taken) {
        const message = `the kid "${key.kid}" belongs to another key of this ring${isRetired(taken) ? ', a retired one' : ''}`;
        throw new VaultproofError('kid_taken', message, { details: { kid: key.kid } });
      }
      const now = clock.now();
      const onItsOwn = times.publishAt === undefined && times.activateAt === undefined;
      entries.push({
        key,
        turn: turns++,
        times: {
          publishAt: times.publishAt ?? times.activateAt ?? now,
          activateAt: onItsOwn ? now : times.activateAt,
          retireAt: times.retireAt,
        },
      });
    },
    publish: (kid, at = clock.now()) => {
      find(kid).times.publishAt = at;
    },
    activate: (kid, at = clock.now()) => {
      const entry = find(kid);
      const { times } = entry;
      entry.turn = turns++;
      times.activateAt = at;
      times.publishAt = Math.min(times.publishAt ?? at, at);
    },
    retire: (kid, at = clock.now()) => {
      find(kid).times.retireAt = at;
    },
    rotate: async ({ alg, key, leadSeconds = 0, overlapSeconds = OVERLAP_SECONDS } = {}) => {
      const before = signing(alg);
      const next = key ?? (await generateSigningKey(alg ?? before?.key.alg));
      const now = clock.now();
      ring.add(next, { publishAt: now, activateAt: now + leadSeconds });
      if (before) before.times.retireAt = now + leadSeconds + overlapSeconds;
      return next;
    },
  };
  return ring;
}

function known(times: Entry['times']): KeyTimes {
  const { publishAt, activateAt, retireAt } = times;
  return {
    ...(publishAt === undefined ? {} : { publishAt }),
    ...(activateAt === undefined ? {} : { activateAt }),
    ...(retireAt === undefined ? {} : { retireAt }),
  };
}
