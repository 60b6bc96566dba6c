/** @import { Check, Claims } from './checks.js' */
import { shown } from './checks.js';
import { isObject } from './jwt.js';
import { momentInWords } from './times.js';

/**
 * One bound of a role and whether a token is within it; `name` is the role's field.
 * @typedef {object} BoundCheck
 * @property {string} name
 * @property {Check['outcome']} outcome
 * @property {string} text
 */

/** What Vault adds to times where a role has 0, in seconds. */
const DEFAULT_LEEWAYS = { clock_skew_leeway: 60, expiration_leeway: 150, not_before_leeway: 150 };

/**
 * A role as `vault read -format=json auth/jwt/role/NAME` prints it, or the `data` of that alone.
 * @param {string} text
 * @returns {{ role: Readonly<Record<string, unknown>> } | { problem: string }}
 */
export function readRole(text) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'the role is not JSON: paste what "vault read -format=json auth/jwt/role/NAME" prints' };
  }
  const role = isObject(value) && isObject(value['data']) ? value['data'] : value;
  if (isObject(role) && ('role_type' in role || 'user_claim' in role)) return { role };
  return { problem: 'this is not a JWT role: it has neither "role_type" nor "user_claim"' };
}

/**
 * Every bound of a role against the claims of a token, as Vault compares them, and what the role alone doesn't tell.
 * @param {Claims} claims
 * @param {Readonly<Record<string, unknown>>} role
 * @param {number} now seconds since 1970
 * @returns {BoundCheck[]}
 * @see https://developer.hashicorp.com/vault/docs/auth/jwt#bound-claims
 */
export function roleChecks(claims, role, now) {
  const boundClaims = isObject(role['bound_claims']) ? role['bound_claims'] : {};
  const glob = role['bound_claims_type'] === 'glob';
  return [
    role['role_type'] === 'oidc'
      ? failed('role_type', 'it is "oidc": a role for logins in a browser accepts no token')
      : passed('role_type', '"jwt"'),
    audienceCheck(claims, listOf(role['bound_audiences'])),
    subjectCheck(claims, role['bound_subject']),
    ...Object.entries(boundClaims).map(([name, bound]) => claimCheck(claims, name, listOf(bound), glob)),
    userClaimCheck(claims, role),
    ...groupsClaimCheck(claims, role),
    ...timeChecks(claims, role, now),
    skipped('iss', `${shown(claims['iss'])} is compared with "bound_issuer", which is in auth/jwt/config`),
    skipped('signature', 'the keys and the algorithms that Vault accepts are in auth/jwt/config'),
    ...(listOf(role['token_bound_cidrs']).length > 0
      ? [skipped('token_bound_cidrs', `the login must come from ${shown(role['token_bound_cidrs'])}`)]
      : []),
  ];
}

/** @type {(claims: Claims, bound: readonly unknown[]) => BoundCheck} */
function audienceCheck({ aud }, bound) {
  const name = 'bound_audiences';
  if (bound.length === 0) {
    return listOf(aud).length === 0
      ? passed(name, 'none, and the token has no "aud"')
      : failed(name, `the role has none, and the token has the "aud" ${shown(aud)}: Vault refuses that`);
  }
  return compared(
    name,
    bound,
    aud,
    listOf(aud).some((one) => bound.includes(one)),
  );
}

/** @type {(claims: Claims, bound: unknown) => BoundCheck} */
function subjectCheck({ sub }, bound) {
  if (bound === undefined || bound === null || bound === '') return passed('bound_subject', 'not set: any subject');
  return compared('bound_subject', bound, sub, sub === bound);
}

/** @type {(claims: Claims, name: string, bound: readonly unknown[], glob: boolean) => BoundCheck} */
function claimCheck(claims, name, bound, glob) {
  const found = claimAt(claims, name);
  // Vault compares a number by its integer part, and of a list no numbers.
  const comparable = Array.isArray(found)
    ? found.filter((one) => typeof one !== 'number')
    : [typeof found === 'number' ? Math.trunc(found) : found];
  const fits = comparable.some((one) => bound.some((wanted) => (glob ? globMatches(wanted, one) : wanted === one)));
  return compared(`bound_claims ${name}`, bound, found, fits, glob ? 'one of the globs' : 'one of');
}

/** @type {(claims: Claims, role: Readonly<Record<string, unknown>>) => BoundCheck} */
function userClaimCheck(claims, role) {
  const name = String(role['user_claim'] ?? '');
  const found = role['user_claim_json_pointer'] === true ? claimAt(claims, name) : claims[name];
  if (typeof found === 'string') return passed('user_claim', `"${name}" is ${shown(found)}`);
  return failed('user_claim', `"${name}" must be a string, found ${shown(found)}`);
}

/** @type {(claims: Claims, role: Readonly<Record<string, unknown>>) => BoundCheck[]} */
function groupsClaimCheck(claims, role) {
  const name = role['groups_claim'];
  if (typeof name !== 'string' || name === '') return [];
  const found = claimAt(claims, name);
  const fits = typeof found === 'string' || Array.isArray(found);
  return [
    fits ? passed('groups_claim', `"${name}" is ${shown(found)}`) : failed('groups_claim', `there is no "${name}"`),
  ];
}

/**
 * A missing `exp` is the later of `iat` and `nbf` plus a leeway, a missing `nbf` the `iat`, or the `exp` less a leeway.
 * @type {(claims: Claims, role: Readonly<Record<string, unknown>>, now: number) => BoundCheck[]}
 */
function timeChecks(claims, role, now) {
  const [exp, nbf, iat] = /** @type {const} */ (['exp', 'nbf', 'iat']).map((name) => {
    const time = claims[name];
    return typeof time === 'number' ? Math.trunc(time) : 0;
  });
  if (!exp && !nbf && !iat) return [failed('exp', 'the token has no "exp", "nbf" or "iat": Vault needs one of them')];
  const skew = leewayOf(role, 'clock_skew_leeway');
  const end = exp || Math.max(iat ?? 0, nbf ?? 0) + leewayOf(role, 'expiration_leeway');
  const start = nbf || iat || end - leewayOf(role, 'not_before_leeway');
  const ends = `${exp ? 'ends' : 'derived, since the token has none: ends'} ${momentInWords(end, now)}`;
  return [
    now - skew > end ? failed('exp', `${ends}, more than the leeway of ${skew} s`) : passed('exp', ends),
    start > now + skew
      ? failed('nbf', `begins ${momentInWords(start, now)}, more than the leeway of ${skew} s`)
      : passed('nbf', `began ${momentInWords(start, now)}`),
    iat && iat > now + skew
      ? failed('iat', `issued ${momentInWords(iat, now)}, more than the leeway of ${skew} s`)
      : iat
        ? passed('iat', `issued ${momentInWords(iat, now)}`)
        : skipped('iat', 'absent'),
  ];
}

/** @type {(role: Readonly<Record<string, unknown>>, name: keyof typeof DEFAULT_LEEWAYS) => number} */
function leewayOf(role, name) {
  const seconds = Number(role[name] ?? 0);
  return seconds === 0 ? DEFAULT_LEEWAYS[name] : Math.max(0, seconds);
}

/**
 * A claim by its name, or by a JSON pointer (RFC 6901).
 * @type {(claims: Claims, name: string) => unknown}
 */
function claimAt(claims, name) {
  const own = (/** @type {Claims} */ object, /** @type {string} */ key) =>
    Object.hasOwn(object, key) ? object[key] : undefined;
  if (!name.startsWith('/')) return own(claims, name);
  /** @type {unknown} */
  let value = claims;
  for (const part of name.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = /^[+-]?\d*$/.test(key) ? value[Number(key)] : undefined;
    else value = isObject(value) ? own(value, key) : undefined;
  }
  return value;
}

/**
 * Whether a value is what a glob says, in which `*` stands for any number of characters.
 * @type {(glob: unknown, value: unknown) => boolean}
 */
function globMatches(glob, value) {
  if (typeof glob !== 'string' || typeof value !== 'string') return false;
  const [first = '', ...rest] = glob.split('*');
  const last = rest.pop();
  if (last === undefined) return glob === value;
  if (!value.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = value.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return value.length - last.length >= from && value.endsWith(last);
}

/** @type {(value: unknown) => readonly unknown[]} */
function listOf(value) {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}

/** @type {(name: string, expected: unknown, found: unknown, fits: boolean, how?: string) => BoundCheck} */
function compared(name, expected, found, fits, how = 'one of') {
  const wanted =
    Array.isArray(expected) && expected.length !== 1 ? `${how} ${shown(expected)}` : shown([expected].flat()[0]);
  return fits
    ? passed(name, `${shown(found)} is ${wanted}`)
    : failed(name, `expected ${wanted}, found ${shown(found)}`);
}

/** @type {(name: string, text: string) => BoundCheck} */
function passed(name, text) {
  return { name, outcome: 'passed', text };
}

/** @type {(name: string, text: string) => BoundCheck} */
function failed(name, text) {
  return { name, outcome: 'failed', text };
}

/** @type {(name: string, text: string) => BoundCheck} */
function skipped(name, text) {
  return { name, outcome: 'skipped', text };
}
