import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import { verifyPassword } from './password.js';
import { type Guess, type Throttle, throttle } from './throttle.js';
import { matchTotp, totpParameters } from './totp.js';
import type { User, UserStore } from './user-store.js';

/** How long a challenge lives, in seconds. */
const CHALLENGE_SECONDS = 180;
const MOST_CHALLENGES_PER_USER = 16;

/** The result of an attempt to authenticate. */
export type Outcome<Context> =
  | { readonly found: 'user'; readonly user: User; readonly context: Context }
  /** The password is right, and a one-time code is needed. `expires` is in seconds since 1970. */
  | { readonly found: 'code_required'; readonly challenge: string; readonly expires: number }
  | { readonly found: 'slow_down'; readonly retryAfterSeconds: number }
  | { readonly found: 'unknown_user' | 'wrong_password' | 'locked' | 'wrong_code' | 'no_totp' | 'bad_challenge' };

/** Authenticates a user by password and one-time code. It knows nothing of HTTP or tokens. */
export interface Authenticator<Context> {
  /**
   * Checks a password, and the one-time code of a user who has one-time codes.
   * @param context what a challenge keeps for {@link Authenticator.complete}
   */
  login(who: Guess, password: string, context: Context, code?: string): Promise<Outcome<Context>>;
  /** Checks a one-time code for a challenge; both work once. */
  complete(who: Guess, challenge: string, code: string): Promise<Outcome<Context>>;
}

/**
 * An authenticator for the users of a store. Guesses at a user's password or code are slowed down, each apart, see
 * {@link throttle}, and who is unknown takes as long as who is known.
 */
export function authenticator<Context>(users: UserStore, clock: Pick<Clock, 'now'>): Authenticator<Context> {
  const passwords = throttle(clock);
  const codes = throttle(clock);
  const challenges = challengesBy<Context>(clock);
  const usedSteps = new Map<string, Set<number>>();

  const checkCode = async ({ name, mfaKey }: User, code: string): Promise<boolean> => {
    const now = clock.now();
    const step = await matchTotp(mfaKey, code, now);
    if (step === undefined) return false;
    const used = usedSteps.get(name) ?? new Set();
    const current = Math.floor(now / totpParameters.period);
    for (const past of used) if (Math.abs(past - current) > 2) used.delete(past);
    if (used.has(step)) return false;
    usedSteps.set(name, used.add(step));
    return true;
  };
  const attempt = async (
    guesses: Throttle,
    who: Guess,
    check: () => Promise<Outcome<Context>>,
    success: (found: Outcome<Context>['found']) => boolean | undefined,
  ): Promise<Outcome<Context>> => {
    const result = await guesses.attempt(who, async () => {
      const value = await check();
      return { value, success: success(value.found) };
    });
    return 'value' in result ? result.value : { found: 'slow_down', retryAfterSeconds: result.retryAfterSeconds };
  };
  const byCode = (user: User, who: Guess, code: string, context: Context): Promise<Outcome<Context>> =>
    attempt(
      codes,
      who,
      async () => ((await checkCode(user, code)) ? { found: 'user', user, context } : { found: 'wrong_code' }),
      (found) => found === 'user',
    );
  const checkPassword = async (name: string, password: string, context: Context): Promise<Outcome<Context>> => {
    const user = await users.find(name);
    const right = await verifyPassword(password, user?.key);
    if (!user) return { found: 'unknown_user' };
    if (!right) return { found: 'wrong_password' };
    return user.locked ? { found: 'locked' } : { found: 'user', user, context };
  };

  return {
    login: async (who, password, context, code) => {
      const outcome = await attempt(
        passwords,
        who,
        () => checkPassword(who.name, password, context),
        (found) => found === 'user' || found === 'locked',
      );
      if (outcome.found !== 'user' || !outcome.user.mfaEnabled) return outcome;
      if (code !== undefined) return byCode(outcome.user, who, code, context);
      return { found: 'code_required', ...challenges.issue(who.name, context) };
    },
    complete: async (who, challenge, code) => {
      const { name } = who;
      const user = await users.find(name);
      const context = challenges.find(name, challenge);
      if (user && !user.mfaEnabled) return { found: 'no_totp' };
      if (!user || context === undefined) return { found: 'bad_challenge' };
      if (user.locked) return { found: 'locked' };
      return attempt(
        codes,
        who,
        async () => {
          // Another attempt may have used it up while this one waited.
          if (challenges.find(name, challenge) === undefined) return { found: 'bad_challenge' };
          if (!(await checkCode(user, code))) return { found: 'wrong_code' };
          challenges.consume(name, challenge);
          return { found: 'user', user, context };
        },
        (found) => (found === 'bad_challenge' ? undefined : found === 'user'),
      );
    },
  };
}

/** What a password has opened and a one-time code must complete. */
interface Challenges<Context> {
  /** A new challenge for a user; of more than 16 the oldest is void. `expires` is in seconds since 1970. */
  issue(user: string, context: Context): { readonly challenge: string; readonly expires: number };
  /** What a challenge of this user was issued with; undefined for one that is unknown, expired, used or another's. */
  find(user: string, challenge: string): Context | undefined;
  /** Makes a challenge void. */
  consume(user: string, challenge: string): void;
}

/** Challenges that live for three minutes of a clock and work once. */
function challengesBy<Context>(clock: Pick<Clock, 'now'>): Challenges<Context> {
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
      if (open.size >= MOST_CHALLENGES_PER_USER && oldest !== undefined) open.delete(oldest);
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
