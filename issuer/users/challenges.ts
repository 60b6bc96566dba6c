import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';

/** How long a challenge lives, in seconds. */
export const CHALLENGE_SECONDS = 180;
const MOST_PER_USER = 16;

/** What a password has opened and a one-time code must complete. */
export interface Challenges<Context> {
  /** A new challenge for a user; of more than 16 the oldest is void. `expires` is in seconds since 1970. */
  issue(user: string, context: Context): { readonly challenge: string; readonly expires: number };
  /** What a challenge of this user was issued with; undefined for one that is unknown, expired, used or another's. */
  find(user: string, challenge: string): Context | undefined;
  /** Makes a challenge void. */
  consume(user: string, challenge: string): void;
}

/** Challenges that live for three minutes of a clock and work once. */
export function challengesBy<Context>(clock: Pick<Clock, 'now'>): Challenges<Context> {
  const byUser = new Map<string, Map<string, { expires: number; context: Context }>>();
  return {
    issue: (user, context) => {
      const now = clock.now();
      for (const [name, theirs] of byUser) {
        for (const [challenge, { expires }] of theirs) if (expires <= now) theirs.delete(challenge);
        if (theirs.size === 0) byUser.delete(name);
      }
      const open = byUser.get(user) ?? new Map<string, { expires: number; context: Context }>();
      const [oldest] = open.keys();
      if (open.size >= MOST_PER_USER && oldest !== undefined) open.delete(oldest);
      const challenge = randomBytes(32).toString('base64url');
      const expires = now + CHALLENGE_SECONDS;
      open.set(challenge, { expires, context });
      byUser.set(user, open);
      return { challenge, expires };
    },
    find: (user, challenge) => {
      const found = byUser.get(user)?.get(challenge);
      return found && clock.now() < found.expires ? found.context : undefined;
    },
    consume: (user, challenge) => {
      byUser.get(user)?.delete(challenge);
    },
  };
}
