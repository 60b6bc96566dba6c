import { VaultproofError } from '../../errors/index.js';
import { isRecord, memberNames } from '../../internal/json.js';

/** A token taken apart, none of it verified. */
export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What the signature is over. */
  readonly signingInput: string;
  readonly signature: Buffer;
}

const PART = /^[A-Za-z0-9_-]*$/;

/**
 * Takes a compact JWT apart, as strictly as RFC 7515 has it: three parts, base64url without padding or white space and
 * with no bits to spare, JSON objects without a member twice.
 * @throws VaultproofError `token_malformed`, with the part that is wrong and nothing of the token
 */
export function decodeToken(jwt: string): DecodedToken {
  const parts = jwt.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) {
    throw malformed(`it has ${parts.length} parts, not 3`);
  }
  return {
    header: object('header', bytes('header', header)),
    claims: object('payload', bytes('payload', payload)),
    signingInput: `${header}.${payload}`,
    signature: bytes('signature', signature),
  };
}

function bytes(name: string, part: string): Buffer {
  const decoded = Buffer.from(part, 'base64url');
  if (!PART.test(part) || decoded.toString('base64url') !== part) throw malformed(`its ${name} is not base64url`);
  return decoded;
}

function object(name: string, json: Buffer): Readonly<Record<string, unknown>> {
  let text: string;
  let value: unknown;
  try {
    // Strictly: what is not UTF-8 would otherwise turn into U+FFFD (RFC 7519, section 7.2).
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
    value = JSON.parse(text);
  } catch {
    throw malformed(`its ${name} is not JSON in UTF-8`);
  }
  if (!isRecord(value)) throw malformed(`its ${name} is not an object`);
  const seen = new Set<string>();
  const twice = memberNames(text).names.find((one) => seen.has(one) || !seen.add(one));
  if (twice !== undefined) throw malformed(`its ${name} has "${twice}" twice`);
  return value;
}

function malformed(reason: string): VaultproofError {
  return new VaultproofError('token_malformed', `this is not a compact JWT: ${reason}`);
}
