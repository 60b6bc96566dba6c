import { isRecord } from '../../internal/json.js';
import { type MemberNames, memberNames } from '../../internal/member-names.js';

/** What a token says of itself, with the names of its claims; nothing of it is verified. */
export interface ReadToken extends MemberNames {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Reads a JWT in the compact form, or in one of the two JSON forms that go-jose takes as well (RFC 7515, section 7).
 * White space counts for nothing, as in both servers.
 * @returns undefined for what is no JWT, and for one with several signatures, which no server takes
 */
export function readToken(jwt: string): ReadToken | undefined {
  try {
    const { protectedHeader, unprotected, payload } = partsOf(jwt.replaceAll(/\s/g, ''));
    const text = decoded(payload);
    const header: unknown = JSON.parse(decoded(protectedHeader));
    const claims: unknown = JSON.parse(text);
    // To Go, null is an object without members.
    if (!isRecord(header) || !(isRecord(claims) || claims === null)) return undefined;
    return { header: { ...unprotected, ...header }, claims: claims ?? {}, ...memberNames(text) };
  } catch {
    return undefined;
  }
}

interface Parts {
  readonly protectedHeader: unknown;
  readonly unprotected?: Readonly<Record<string, unknown>> | undefined;
  readonly payload: unknown;
}

function partsOf(jwt: string): Parts {
  if (!jwt.startsWith('{')) {
    const [protectedHeader, payload, signature, more] = jwt.split('.');
    return { protectedHeader, payload: signature === undefined || more !== undefined ? undefined : payload };
  }
  const form: unknown = JSON.parse(jwt);
  if (!isRecord(form)) throw new TypeError('no object');
  const signatures = form['signatures'] ?? [form];
  const [signature, another] = Array.isArray(signatures) ? signatures : [];
  if (!isRecord(signature) || another !== undefined) throw new TypeError('not one signature');
  const unprotected = isRecord(signature['header']) ? signature['header'] : undefined;
  return { protectedHeader: signature['protected'], unprotected, payload: form['payload'] };
}

function decoded(part: unknown): string {
  if (typeof part !== 'string') throw new TypeError('no part');
  return Buffer.from(part, 'base64url').toString();
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
