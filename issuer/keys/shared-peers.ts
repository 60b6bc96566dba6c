import type { JWK } from 'jose';
import { parseSharedEntry, type SharedEntry } from './shared-entry.js';

/** The other issuers, as their entries have them. */
export interface SharedPeers {
  /** Takes all entries that there are now, by name; one that can't be used is none. */
  take(entries: ReadonlyMap<string, string>): void;
  /** From now until the next {@link SharedPeers.take} what is known counts, however old. */
  lost(): void;
  /** The keys for tokens with this `iss`: a set for each issuer that has a key of this kid. */
  setsWith(iss: string, kid: unknown): readonly (readonly Readonly<JWK>[])[];
}

interface Peer extends Pick<SharedEntry, 'iss' | 'keys'> {
  readonly until: number;
}

const MOST_PEERS = 64;

/**
 * A table of other issuers, empty. After an outage they may be later than we are to say that they are still there: those
 * that were known count for one lease more.
 * @param now seconds since 1970
 * @param complain is told what is wrong with an entry
 */
export function sharedPeers(
  leaseSeconds: number,
  now: () => number,
  complain: (name: string, wrong: string) => void,
): SharedPeers {
  let peers = new Map<string, Peer>();
  let isLost = false;
  let graceUntil = 0;
  return {
    take: (entries) => {
      if (isLost) graceUntil = now() + leaseSeconds;
      isLost = false;
      const next = new Map<string, Peer>();
      for (const [name, text] of entries) {
        const entry =
          next.size < MOST_PEERS ? parseSharedEntry(text, now()) : { wrong: `there are ${MOST_PEERS} others` };
        if ('wrong' in entry) complain(name, entry.wrong);
        else next.set(name, { ...entry, until: Math.max(entry.expires, graceUntil) });
      }
      if (now() < graceUntil) {
        for (const [name, peer] of peers) if (!entries.has(name)) next.set(name, { ...peer, until: graceUntil });
      }
      peers = next;
    },
    lost: () => {
      isLost = true;
    },
    setsWith: (iss, kid) =>
      [...peers.values()].flatMap((peer) =>
        peer.iss === iss && (isLost || now() < peer.until) && peer.keys.some((key) => key.kid === kid)
          ? [peer.keys]
          : [],
      ),
  };
}
