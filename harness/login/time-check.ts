import type { ErrorCode } from '../../errors/index.js';
import { type Reading, type ReadToken, registeredClaim } from './token-claims.js';

/** Seconds that a server adds, as its configuration has them: 0 stands for the default, anything below for none. */
export interface Leeways {
  /** For every time; default 60 s. */
  readonly clockSkew: number;
  /** After `iat` or `nbf`, for a missing `exp`; default 150 s. */
  readonly expiration: number;
  /** Before `exp`, for a missing `nbf`; default 150 s. */
  readonly notBefore: number;
}

/** What a time had to be, and what the token has, in seconds since 1970. */
export interface TimeCheck {
  /** The claim that decided. */
  readonly claim: string;
  readonly expected: { readonly after: number } | { readonly before: number } | undefined;
  readonly found: unknown;
  readonly note: string | undefined;
}

const DEFAULTS: Leeways = { clockSkew: 60, expiration: 150, notBefore: 150 };
const OIDC_NBF_LEEWAY_S = 300;

/**
 * When a server answered, by its own clock, in seconds since 1970.
 * @param headers of an answer; the servers send `Date` with each
 * @returns undefined where there is no such date
 */
export function answeredAt({ date = '' }: { readonly date?: string | undefined }): number | undefined {
  const ms = Date.parse(date);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

/**
 * Both sides of the time that a login was refused for. A missing `exp` is the
 * later of `iat` and `nbf` plus a leeway, and a missing `nbf` the `iat`, or the `exp` minus a leeway: in Vault, and in Consul
 * except by discovery, which derives nothing.
 * @param leeways undefined where the configuration could not be read
 * @param now of the server's clock, see {@link answeredAt}; default this host's
 * @returns undefined for a code that is about no time
 * @see https://github.com/hashicorp/cap (jwt/jwt.go) and
 * https://developer.hashicorp.com/consul/docs/reference/acl/auth-method/jwt
 */
export function timeCheck(
  code: ErrorCode,
  token: ReadToken,
  reading: Reading,
  leeways: Leeways | undefined,
  now = Math.floor(Date.now() / 1000),
): TimeCheck | undefined {
  const [iat, nbf, exp] = (['iat', 'nbf', 'exp'] as const).map((name) => {
    const { name: claim, value, note } = registeredClaim(token, name, reading);
    return { claim, value, note, isThere: typeof value === 'number' && Math.trunc(value) !== 0 };
  }) as [Time, Time, Time];
  const side = (
    decisive: Time,
    direction: 'after' | 'before',
    ...added: readonly (keyof Leeways | number)[]
  ): TimeCheck => {
    const leeway = added.reduce<number>((sum, one) => sum + (typeof one === 'number' ? one : seconds(one, leeways)), 0);
    const expected = direction === 'after' ? { after: now - leeway } : { before: now + leeway };
    const { claim, value: found, note } = decisive;
    return { claim, expected: leeways && expected, found, note };
  };

  if (code === 'token_expired') {
    if (reading.discovery) return side(exp, 'after', 0);
    if (exp.isThere) return side(exp, 'after', 'clockSkew');
    return side(later(iat, nbf), 'after', 'clockSkew', 'expiration');
  }
  if (code === 'token_not_yet_valid') {
    if (reading.discovery) return side(nbf, 'before', OIDC_NBF_LEEWAY_S);
    const start = [nbf, iat].find(({ isThere }) => isThere);
    return start === undefined ? side(exp, 'before', 'clockSkew', 'notBefore') : side(start, 'before', 'clockSkew');
  }
  return code === 'token_issued_in_future' ? side(iat, 'before', 'clockSkew') : undefined;
}

interface Time {
  readonly claim: string;
  readonly value: unknown;
  readonly note: string | undefined;
  /** Both servers take a time of 0 for none. */
  readonly isThere: boolean;
}

function later(iat: Time, nbf: Time): Time {
  return Number(nbf.value ?? 0) > Number(iat.value ?? 0) ? nbf : iat;
}

function seconds(name: keyof Leeways, leeways: Leeways = DEFAULTS): number {
  const leeway = leeways[name];
  return leeway === 0 ? DEFAULTS[name] : Math.max(leeway, 0);
}
