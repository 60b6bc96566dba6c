import { createSecretKey } from 'node:crypto';
import { parseEnv } from 'node:util';
import { UsageError } from '../../errors/index.js';
import { authenticateWith, type SecretAlgorithm, secretAlgorithms } from './algorithms.js';

/** A line of what `openssl rand -base64` prints, except the last one. */
const FULL_LINE = /^[A-Za-z0-9+/]{64}$/;
const LAST_LINES = /^(?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{2}(?:[A-Za-z0-9+/]{2}|[A-Za-z0-9+/]=|==)$/;

/** A secret that signer and verifier share. It has no public half, and is in no key set. */
export interface SharedSecret {
  readonly alg: SecretAlgorithm;
  /** The code of bytes, as JWS has it. */
  sign(data: Uint8Array): Uint8Array;
}

/**
 * A shared secret from a string, whose bytes are taken verbatim, not decoded, but without line breaks: what
 * `openssl rand -base64 64` prints has one in its middle, and a .env file none.
 * @param alg default HS256
 * @throws TypeError for a secret shorter than the hash (RFC 7518, section 3.2)
 * @example
 * const jwt = await signCompact(sharedSecret('correct horse battery staple, 32 B'), { sub: 'app' });
 */
export function sharedSecret(text: string, alg: SecretAlgorithm = 'HS256'): SharedSecret {
  if (!secretAlgorithms.includes(alg)) {
    throw new UsageError(`"alg" must be one of ${secretAlgorithms.join(', ')}, not "${String(alg)}"`);
  }
  const bytes = secretBytes(text);
  const least = Number(alg.slice(2)) / 8;
  if (bytes.length < least) {
    throw new UsageError(`a secret for ${alg} must have ${least} bytes or more, this one has ${bytes.length}`);
  }
  const secret = createSecretKey(bytes);
  return { alg, sign: (data) => authenticateWith(alg, secret, data) };
}

/**
 * The bytes of a shared secret, as {@link sharedSecret} takes them: those of its text, without line breaks.
 *
 * @example
 * const keys = { secret: secretBytes(secretFromEnv('JWT_SECRET')) }; // for verifyToken()
 */
export function secretBytes(text: string): Uint8Array {
  return Buffer.from(text.replace(/[\r\n]+/g, ''), 'utf8');
}

/**
 * The secret in the text of a .env file, undecoded. `openssl rand -base64 64` prints two lines: both count where they
 * were pasted, and in quotes.
 * @param name the variable; default `KEY`
 * @throws TypeError when it is not there or empty
 * @example
 * const secret = sharedSecret(secretFromEnv('JWT_SECRET'));
 */
export function secretFromEnv(env: string, name = 'KEY'): string {
  const value = parseEnv(joinPasted(env, name))[name]?.replace(/[\r\n]+/g, '');
  if (value) return value;
  throw new UsageError(`the .env file has no "${name}", or an empty one: write the line "${name}=..." into it`);
}

function joinPasted(env: string, name: string): string {
  const joined: string[] = [];
  let pasting = false;
  for (const line of env.split(/\r?\n/)) {
    if (pasting && LAST_LINES.test(line)) joined.push(`${joined.pop()}${line}`);
    else joined.push(line);
    const assigned = /^\s*(?:export\s+)?(\w+)\s*=\s*(.*)$/.exec(line);
    pasting = pasting ? FULL_LINE.test(line) : assigned?.[1] === name && FULL_LINE.test(assigned[2] ?? '');
  }
  return joined.join('\n');
}
