import { randomBytes, scrypt as scryptCallback, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { UsageError } from '../../errors/index.js';

const scrypt = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scryptCallback,
);

/** What a hash costs: N the memory (128 * N * r bytes), p how often. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 16 MiB, five times: the least that OWASP's cheat sheet on password storage recommends. */
const COST: ScryptCost = { N: 16_384, r: 8, p: 5 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MOST_MEMORY = 256 * 1024 * 1024;
const MOST_ROUNDS = 64;
/** Of the four threads that Node has for it; files are read and RSA keys sign with the others. */
const hashing = sideBySide(2);
const FORM = /^\$scrypt\$N=(\d{1,8}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** What a key in a user document is. */
export type KeyKind = 'scrypt' | 'plaintext' | 'unusable';

/**
 * Tells a hash of ours from a password, and from a hash that cannot be checked and must not pass for a password.
 *
 * @example
 * kindOfKey('correct horse'); // "plaintext"
 */
export function kindOfKey(key: string): KeyKind {
  if (parse(key)) return 'scrypt';
  return /^\$[a-z0-9-]+\$/.test(key) ? 'unusable' : 'plaintext';
}

/**
 * Hashes a password, with a fresh salt.
 * @param cost default 16 MiB, five times
 * @returns `$scrypt$N=16384,r=8,p=5$salt$hash`, the last two in base64 without padding
 * @throws TypeError for a password with a NUL in it: HMAC takes keys that differ in NULs at their end for the same
 * @see https://www.rfc-editor.org/rfc/rfc7914
 * @example
 * const key = await hashPassword('correct horse');
 */
export async function hashPassword(password: string, cost: ScryptCost = COST): Promise<string> {
  if (password.includes('\0')) throw new UsageError('a password must not contain a NUL');
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, cost);
  return `$scrypt$N=${cost.N},r=${cost.r},p=${cost.p}$${bare(salt)}$${bare(hash)}`;
}

/**
 * Whether a password fits a key, a hash or plaintext. One hash is derived whatever the key is, and undefined, which
 * never fits, takes as long as a hash: the time tells nobody which users there are.
 *
 * @example
 * await verifyPassword('correct horse', await hashPassword('correct horse')); // true
 */
export async function verifyPassword(password: string, key: string | undefined): Promise<boolean> {
  const hashed = key === undefined ? undefined : parse(key);
  if (hashed) {
    const { salt, hash, cost } = hashed;
    return timingSafeEqual(await derive(password, salt, hash.length, cost), hash) && !password.includes('\0');
  }
  const salt = randomBytes(SALT_BYTES);
  const given = await derive(password, salt, HASH_BYTES, COST);
  if (key === undefined || kindOfKey(key) !== 'plaintext') return false;
  // Both sides hashed alike have one length, whatever the lengths of the passwords are.
  const cheap = { N: 2, r: 8, p: 1 };
  const [one, other] = await Promise.all([password, key].map((text) => derive(text, given, HASH_BYTES, cheap)));
  return one !== undefined && other !== undefined && timingSafeEqual(one, other) && !password.includes('\0');
}

function derive(password: string, salt: Buffer, length: number, { N, r, p }: ScryptCost): Promise<Buffer> {
  const options = { N, r, p, maxmem: 2 * MOST_MEMORY };
  return hashing.run(() => scrypt(password.normalize('NFC'), salt, length, options));
}

function parse(key: string): { salt: Buffer; hash: Buffer; cost: ScryptCost } | undefined {
  const [, n, rText, pText, salt = '', hash = ''] = FORM.exec(key) ?? [];
  const [N, r, p] = [Number(n), Number(rText), Number(pText)];
  const sound =
    N >= 2 && Number.isInteger(Math.log2(N)) && r >= 1 && p >= 1 && p <= MOST_ROUNDS && 128 * N * r <= MOST_MEMORY;
  return sound
    ? { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64'), cost: { N, r, p } }
    : undefined;
}

function bare(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** Runs some things at once, and the others when these have ended, in the order in which they came. */
interface SideBySide {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** @param most how many run at once */
export function sideBySide(most: number): SideBySide {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    run: async (work) => {
      if (running === most) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        return await work();
      } finally {
        // Who waited longest takes the place, which is never free in between.
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}
