import { isRecord, type MemberNames, memberNames } from '../../internal/json.js';

/** What a token says of itself, with the names of its claims; nothing of it is verified. */
export interface ReadToken extends MemberNames {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** How long the signature is, in bytes; undefined for claims that nobody signed. */
  readonly signatureBytes?: number | undefined;
}

/**
 * Reads a JWT in the compact form, or in one of the two JSON forms that go-jose takes as well (RFC 7515, section 7).
 * White space counts for nothing, as in both servers.
 * @returns undefined for what is no JWT, and for one with several signatures, which no server takes
 */
export function readToken(jwt: string): ReadToken | undefined {
  try {
    const { protectedHeader, unprotected, payload, signature } = partsOf(jwt.replaceAll(/\s/g, ''));
    const text = decoded(payload);
    const header: unknown = JSON.parse(decoded(protectedHeader));
    const claims: unknown = JSON.parse(text);
    // To Go, null is an object without members.
    if (!isRecord(header) || !(isRecord(claims) || claims === null)) return undefined;
    const signatureBytes = bytes(signature).length;
    return { header: { ...unprotected, ...header }, claims: claims ?? {}, signatureBytes, ...memberNames(text) };
  } catch {
    return undefined;
  }
}

interface Parts {
  readonly protectedHeader: unknown;
  readonly unprotected?: Readonly<Record<string, unknown>> | undefined;
  readonly payload: unknown;
  readonly signature: unknown;
}

function partsOf(jwt: string): Parts {
  if (!jwt.startsWith('{')) {
    const [protectedHeader, payload, signature, more] = jwt.split('.');
    return { protectedHeader, payload: signature === undefined || more !== undefined ? undefined : payload, signature };
  }
  const form: unknown = JSON.parse(jwt);
  if (!isRecord(form)) throw new TypeError('no object');
  const signatures = form['signatures'] ?? [form];
  const [signature, another] = Array.isArray(signatures) ? signatures : [];
  if (!isRecord(signature) || another !== undefined) throw new TypeError('not one signature');
  const unprotected = isRecord(signature['header']) ? signature['header'] : undefined;
  return {
    protectedHeader: signature['protected'],
    unprotected,
    payload: form['payload'],
    signature: signature['signature'],
  };
}

function decoded(part: unknown): string {
  return bytes(part).toString();
}

function bytes(part: unknown): Buffer {
  if (typeof part !== 'string') throw new TypeError('no part');
  return Buffer.from(part, 'base64url');
}

/**
 * A claim by its name, or by a JSON pointer (RFC 6901) as Vault's roles and Consul's claim mappings may have it.
 * @param pointers whether a name that begins with `/` is a pointer; default true
 */
export function claimAt(claims: ReadToken['claims'], name: string, { pointers = true } = {}): unknown {
  if (!pointers || !name.startsWith('/')) return own(claims, name);
  return name
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, part) => {
      // Go's weak conversion, which both servers use, makes 0 of an empty index.
      if (Array.isArray(value)) return /^[+-]?\d*$/.test(part) ? value[Number(part)] : undefined;
      return isRecord(value) ? own(value, part) : undefined;
    }, claims);
}

function own(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The claims that both servers read into fields of their own (RFC 7519, section 4.1; OpenID Connect Core, section 2). */
export type RegisteredClaim = 'iss' | 'sub' | 'aud' | 'exp' | 'nbf' | 'iat' | 'jti' | 'nonce' | 'at_hash';

/**
 * How a server reads registered claims. Go's `encoding/json` takes a member whose name differs by case alone, where `ſ` is
 * an `s`, and the last one counts: `vault` sorts the names before it, `consul` keeps the payload's order, be it with a key
 * set or by discovery. With static keys Consul compares names exactly.
 */
export interface Reading {
  readonly names: 'sorted' | 'in order' | 'exact';
  /** By a library for OpenID Connect, which takes a null for other claims than the one for JWTs. */
  readonly discovery: boolean;
}

export const vaultReading: Reading = { names: 'sorted', discovery: false };

/** A claim as a server read it. */
interface SeenClaim {
  /** The name that the token has for it, which may differ from the registered one by case. */
  readonly name: string;
  readonly value: unknown;
  /** Said where the token has other names for the same claim; undefined otherwise. */
  readonly note: string | undefined;
}

/** The claim of a token that a server took for a registered one; its value is null where there is none. */
export function registeredClaim(token: ReadToken, claim: RegisteredClaim, reading: Reading): SeenClaim {
  // To a string, null is no value.
  const named = membersFor(token, claim, reading).filter((name) => !isText(claim) || token.claims[name] !== null);
  const name = named.at(-1) ?? claim;
  const others = [...new Set(named)].filter((other) => other !== name);
  const twins = [...others, name].map((twin) => JSON.stringify(twin)).join(' and ');
  return {
    name,
    value: token.claims[name] ?? null,
    note:
      others.length > 0
        ? `the server reads ${twins} as "${claim}", and uses the last of them`
        : name === claim
          ? undefined
          : `the server reads ${twins} as "${claim}"`,
  };
}

/** A registered claim that is not of its type. */
interface MistypedClaim {
  readonly claim: string;
  /** What it must be, such as `a number`. */
  readonly expected: string;
  readonly found: unknown;
}

/**
 * The first registered claim of a token whose type a server does not take.
 * @param words what the server said of it; without them, any is looked at
 */
export function mistypedClaim(token: ReadToken, reading: Reading, words = ''): MistypedClaim | undefined {
  const claims = claimsSaid(words);
  const found = token.names.filter((name) =>
    claims.some((one) => isFor(name, one, reading) && mistyped(one, token, name, reading)),
  );
  const [claim] = ordered(found, reading);
  if (claim === undefined) return undefined;
  const registered = claims.find((one) => isFor(claim, one, reading)) ?? 'sub';
  return { claim, expected: typeOf(registered), found: token.claims[claim] };
}

const times = ['exp', 'nbf', 'iat'] as const;
const ofJwts = ['iss', 'sub', 'jti', 'aud', ...times] as const;
const ofIdTokens = ['iss', 'sub', 'nonce', 'at_hash', 'aud', ...times] as const;

/** Which claims a server's words can be about: it names a string's field, and the type of the others. */
function claimsSaid(words: string): readonly RegisteredClaim[] {
  const field = /Go struct field \w+\.(?<field>\w+) of type/.exec(words)?.groups?.['field'];
  const all: readonly RegisteredClaim[] = /oidc: /.test(words) ? ofIdTokens : ofJwts;
  if (field !== undefined) return all.filter((claim) => claim === field);
  if (/Audience/.test(words)) return ['aud'];
  return /NumericDate|number literal|ParseFloat/.test(words) ? times : all;
}

function typeOf(claim: RegisteredClaim): string {
  if (isTime(claim)) return 'a number';
  return claim === 'aud' ? 'a string or a list of strings' : 'a string';
}

function mistyped(claim: RegisteredClaim, token: ReadToken, name: string, { discovery }: Reading): boolean {
  const value = token.claims[name];
  if (isTime(claim)) {
    if (value === null) return discovery && claim !== 'nbf';
    return !Number.isFinite(discovery && typeof value === 'string' && value !== '' ? Number(value) : value);
  }
  if (claim !== 'aud') return value !== null && typeof value !== 'string';
  if (value === null) return !discovery;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return !list.every((one) => typeof one === 'string');
}

function membersFor(token: ReadToken, claim: RegisteredClaim, reading: Reading): readonly string[] {
  return ordered(
    token.names.filter((name) => isFor(name, claim, reading)),
    reading,
  );
}

function isFor(name: string, claim: RegisteredClaim, { names }: Reading): boolean {
  return names === 'exact' ? name === claim : folded(name) === claim;
}

/** The claim of some that a name stands for where case does not count. */
export function foldedClaim(name: string, claims: readonly RegisteredClaim[]): RegisteredClaim | undefined {
  return claims.find((claim) => claim === folded(name));
}

function folded(name: string): string {
  return name.replaceAll('ſ', 's').toLowerCase();
}

function ordered(names: readonly string[], reading: Reading): readonly string[] {
  return reading.names === 'sorted' ? [...new Set(names)].toSorted(byCodePoint) : names;
}

function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function isTime(claim: RegisteredClaim): boolean {
  return claim === 'exp' || claim === 'nbf' || claim === 'iat';
}

function isText(claim: RegisteredClaim): boolean {
  return claim !== 'aud' && !isTime(claim);
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/**
 * The string that Go quoted with `%q`.
 * @param quoted what stands between the quotes
 * @see https://pkg.go.dev/strconv#Quote
 */
export function unquoted(quoted: string): string {
  return quoted.replaceAll(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/g,
    (_whole, byte?: string, short?: string, long?: string, letter = '') => {
      const hex = byte ?? short ?? long;
      return hex === undefined ? (ESCAPES[letter] ?? letter) : String.fromCodePoint(Number.parseInt(hex, 16));
    },
  );
}
