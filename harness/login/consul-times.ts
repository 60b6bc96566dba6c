import type { ErrorCode } from '../../errors/index.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a time had to be, and what the token has, in seconds since 1970; `found` is null for a claim that it lacks. */
export interface TimeCheck {
  readonly expected: { readonly after: number } | { readonly before: number } | undefined;
  readonly found: unknown;
}

const DEFAULT_LEEWAY_S = { ClockSkewLeeway: 60, ExpirationLeeway: 150, NotBeforeLeeway: 150 };
const OIDC_NBF_LEEWAY_S = 300;

/** What a token's times were held against. */
export interface TimeBounds {
  /** Whether a library for OpenID Connect did it, which derives nothing and has leeways of its own. */
  readonly discovery: boolean;
  /** The auth method's `Config`; undefined where it could not be read. */
  readonly config?: Fields | undefined;
}

/**
 * Both sides of the time that a login was refused for; this host's clock stands for Consul's. With keys and key sets a
 * missing `exp` is the later of `iat` and `nbf` plus `ExpirationLeeway`, and a missing `nbf` the `iat`, or the `exp`
 * minus `NotBeforeLeeway`.
 * @returns undefined for a code that is about no time
 * @see https://developer.hashicorp.com/consul/docs/reference/acl/auth-method/jwt
 */
export function timeCheck(code: ErrorCode, claims: Fields, { discovery, config }: TimeBounds): TimeCheck | undefined {
  const now = Math.floor(Date.now() / 1000);
  const seconds = (...leeways: (keyof typeof DEFAULT_LEEWAY_S)[]): number =>
    leeways.reduce((sum, name) => sum + leewayOf(name, config), 0);
  const after = (found: unknown, leeway: number): TimeCheck => ({ expected: config && { after: now - leeway }, found });
  const before = (found: unknown, leeway: number): TimeCheck => ({
    expected: config && { before: now + leeway },
    found,
  });
  const { iat, nbf, exp } = claims;

  if (code === 'token_expired') {
    if (discovery) return after(exp ?? null, 0);
    if (isThere(exp)) return after(exp, seconds('ClockSkewLeeway'));
    return after(Math.max(Number(iat ?? 0), Number(nbf ?? 0)), seconds('ClockSkewLeeway', 'ExpirationLeeway'));
  }
  if (code === 'token_not_yet_valid') {
    if (discovery) return before(nbf, OIDC_NBF_LEEWAY_S);
    const start = [nbf, iat].find(isThere);
    return start === undefined
      ? before(exp, seconds('ClockSkewLeeway', 'NotBeforeLeeway'))
      : before(start, seconds('ClockSkewLeeway'));
  }
  return code === 'token_issued_in_future' ? before(iat, seconds('ClockSkewLeeway')) : undefined;
}

/** Consul takes a time of 0 for none. */
function isThere(time: unknown): boolean {
  return typeof time === 'number' && time !== 0;
}

/** A leeway of the API is in nanoseconds: 0 stands for its default, anything below for none. */
function leewayOf(name: keyof typeof DEFAULT_LEEWAY_S, config: Fields = {}): number {
  const seconds = Number(config[name] ?? 0) / 1e9;
  return seconds === 0 ? DEFAULT_LEEWAY_S[name] : Math.max(seconds, 0);
}
