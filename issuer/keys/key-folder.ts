import type { KeyObject } from 'node:crypto';
import { lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { UsageError, VaultproofError } from '../../errors/index.js';
import { removeUnfinished, writeFileAtomically } from '../../internal/atomic-file.js';
import { withFileLock } from '../../internal/file-lock.js';
import { exposedFile, readRegularFile } from '../../internal/regular-file.js';
import { algorithmsFor, type SigningAlgorithm } from './algorithms.js';
import { privatePem, publicPem } from './export-key.js';
import { importPublicKey, importSigningKey, isSameKey } from './import-key.js';
import { generateSigningKey, type SigningKey, verifyingKey } from './signing-key.js';

/** A name of one file in the folder, and one that can't be taken for another key's public half. */
const ID = /^(?!\.)[^/\\\p{Cc}]+$/u;
const TAKEN = /\.pem$|\.[A-Za-z0-9_-]{43}$/i;
const MAX_ID_BYTES = 180;
const LOCK_LIMIT_MS = 20_000;
const MAX_FILE_BYTES = 64 * 1024;
const KID_AND_PEM = /^[A-Za-z0-9_-]{43}\.pem$/;
const READS_OF_A_PAIR = 3;
const BETWEEN_READS_MS = 50;

/** How a folder is read. */
export interface ReadKeyFolderOptions {
  /** What a key that can't be used does: the default `stop` throws, `skip` warns and leaves it out. */
  readonly onBadKey?: 'stop' | 'skip' | undefined;
  /** Called with a line for each private key that others may read or that is left out. Default: ignored. */
  readonly warn?: ((message: string) => void) | undefined;
  /** The algorithm of the keys that can sign with it, for example PS256; default the usual one of each key. */
  readonly alg?: SigningAlgorithm | undefined;
}

/** A key of a folder. */
export interface FolderKey {
  /** The name of its file. */
  readonly id: string;
  readonly key: SigningKey;
  /** The public halves of the keys that it replaced, which verify and can't sign; the latest comes first. */
  readonly replaced: readonly SigningKey[];
}

/** What a key is written with. */
export interface WriteKeyOptions {
  /** Whether it may take the place of another, whose public half is then kept as `<id>.<its thumbprint>.pem`. */
  readonly replace?: boolean | undefined;
}

/**
 * Reads a folder of keys as openssl writes them: `<id>` is a private key (PEM, or a JWK), `<id>.pem` its public half,
 * which may be absent. Hidden files and folders are passed over.
 * @returns the keys in the order of their ids
 * @throws VaultproofError `key_invalid`, with the file, for one that is cut off, encrypted, too weak or no key, and for
 * a pair that does not belong together; `key_not_found` when there is no such folder
 * @example
 * const keys = await readKeyFolder('keys');
 */
export async function readKeyFolder(folder: string, options: ReadKeyFolderOptions = {}): Promise<readonly FolderKey[]> {
  const { onBadKey = 'stop', warn = () => {} } = options;
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new VaultproofError('key_not_found', `the folder "${folder}" can't be read`, { cause });
  });
  const keys: FolderKey[] = [];
  for (const id of names.filter(isId).sort()) {
    if (!(await stat(join(folder, id)).catch(() => undefined))?.isFile()) continue;
    try {
      keys.push(await readKey(folder, id, options));
    } catch (error) {
      if (onBadKey !== 'skip' || !(error instanceof VaultproofError)) throw error;
      warn(`left out: ${error.message}`);
    }
  }
  return keys;
}

/**
 * Reads one key of a folder.
 * @throws VaultproofError `key_not_found`, and `key_invalid` as {@link readKeyFolder} does
 * @throws TypeError for an id that is no plain file name
 * @example
 * const { key } = await readKey('keys', 'ci-1');
 */
export async function readKey(
  folder: string,
  id: string,
  { warn = () => {}, alg }: Omit<ReadKeyFolderOptions, 'onBadKey'> = {},
): Promise<FolderKey> {
  const path = privatePath(folder, id);
  const { mode } = await stat(path).catch((cause: unknown) => {
    throw new VaultproofError('key_not_found', `there is no key "${id}" in "${folder}"`, { cause });
  });
  const exposed = exposedFile('private key', path, mode);
  if (exposed !== undefined) warn(exposed);
  for (let reads = 1; reads < READS_OF_A_PAIR; reads += 1) {
    const pair = await readPair(folder, id, alg);
    if (pair) return pair;
    // Somebody may have rotated the key between our reads of the two files.
    await delay(BETWEEN_READS_MS);
  }
  // While nobody writes, what does not fit does not belong together. (A folder that can't be locked is nobody's to write.)
  const last = await withFolderLock(folder, () => readPair(folder, id, alg)).catch(() => readPair(folder, id, alg));
  return last ?? mismatch(path);
}

/** Reads the files of one key once; undefined where the public half is another key's. */
async function readPair(folder: string, id: string, alg: SigningAlgorithm | undefined): Promise<FolderKey | undefined> {
  const path = privatePath(folder, id);
  const key = await importing(path, async (text) => {
    const usual = await importSigningKey(text);
    if (alg === undefined || alg === usual.alg || !algorithmsFor(publicHalf(usual)).includes(alg)) return usual;
    return importSigningKey(text, { alg });
  });
  const publicPath = `${path}.pem`;
  const replaced = await replacedKeys(folder, id, key);
  const fits =
    !(await exists(publicPath)) ||
    (await importing(publicPath, async (text) => {
      const publicKey = importPublicKey(text);
      return [key, ...replaced].some((known) => isSameKey(publicKey, publicHalf(known)));
    }));
  // The public half of the key that was replaced last is what a rotation leaves that was killed half-way.
  return fits ? { id, key, replaced } : undefined;
}

function mismatch(path: string): never {
  const message = `"${path}.pem" is not the public half of "${path}": write it again with "openssl pkey -pubout"`;
  throw new VaultproofError('key_invalid', message, { details: { path: `${path}.pem` } });
}

/**
 * Writes a key as `<id>` (mode 0600, PKCS8) and `<id>.pem` (SPKI), each of them whole or not at all, while no other
 * process of ours writes to the folder.
 * @throws VaultproofError `key_exists` unless `replace`
 * @throws TypeError for an id that is no plain file name, and for a key that lives elsewhere
 * @example
 * await writeKey('keys', 'ci-1', await generateSigningKey());
 */
export async function writeKey(
  folder: string,
  id: string,
  key: SigningKey,
  { replace = false }: WriteKeyOptions = {},
): Promise<void> {
  const path = privatePath(folder, id);
  const pems = { private: privatePem(key), public: publicPem(key) };
  await withFolderLock(folder, async (write) => {
    const privateIsThere = await exists(path);
    if (privateIsThere || (await exists(`${path}.pem`))) {
      if (!replace) {
        throw new VaultproofError('key_exists', `the key "${path}" already exists: rotate it, or choose another id`, {
          details: { path },
        });
      }
      const old = privateIsThere
        ? ((await readPair(folder, id, undefined)) ?? mismatch(path)).key
        : await importing(`${path}.pem`, (text) => replacedKey(text, key.alg));
      const kept = `${path}.${await calculateJwkThumbprint(old.publicJwk)}.pem`;
      await write(kept, publicPem(old), 0o644);
    }
    await write(path, pems.private, 0o600);
    await write(`${path}.pem`, pems.public, 0o644);
  });
}

/**
 * Replaces a key of a folder by a fresh one of the same algorithm; tokens of the old one can still be verified.
 * @returns the new key
 * @throws VaultproofError `key_not_found`, `key_invalid`
 * @example
 * const successor = await rotateKey('keys', 'ci-1');
 */
export async function rotateKey(
  folder: string,
  id: string,
  options: { readonly alg?: SigningAlgorithm } = {},
): Promise<SigningKey> {
  const { key } = await readKey(folder, id, options);
  const next = await generateSigningKey(options.alg ?? key.alg);
  await writeKey(folder, id, next, { replace: true });
  return next;
}

async function replacedKeys(folder: string, id: string, { alg, kid }: SigningKey): Promise<readonly SigningKey[]> {
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(`${id}.`) && KID_AND_PEM.test(name.slice(id.length + 1)),
  );
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const key = await importing(path, (text) => replacedKey(text, alg));
      return { key, since: (await stat(path)).mtimeMs };
    }),
  );
  return found
    .filter(({ key }) => key.kid !== kid)
    .sort((a, b) => b.since - a.since)
    .map(({ key }) => key);
}

/** A key that was replaced, under the algorithm of the one that replaced it where it has that. */
async function replacedKey(pem: string, alg: SigningAlgorithm): Promise<SigningKey> {
  const publicKey = importPublicKey(pem);
  return verifyingKey(publicKey, algorithmsFor(publicKey).includes(alg) ? { alg } : {});
}

/** Reads a file and makes a key of it; what is wrong with it is an error with its path. */
async function importing<Result>(path: string, read: (text: string) => Promise<Result>): Promise<Result> {
  const unusable = (reason: string, cause: unknown): VaultproofError =>
    new VaultproofError('key_invalid', `the key file "${path}" can't be used: ${reason}`, { details: { path }, cause });
  const { text } = await readRegularFile(path, MAX_FILE_BYTES).catch((cause: Error) => {
    throw unusable(`it ${cause.message}`, cause);
  });
  try {
    return await read(text);
  } catch (cause) {
    throw unusable(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function publicHalf({ privateKey, publicJwk }: SigningKey): KeyObject {
  return privateKey ?? importPublicKey(JSON.stringify(publicJwk));
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/**
 * The path of a key's private half.
 * @throws TypeError for an id that is no plain file name: empty, with a path in it, a hidden one, one that ends in .pem
 */
function privatePath(folder: string, id: string): string {
  if (typeof id !== 'string' || !isId(id)) {
    throw new UsageError(
      `${JSON.stringify(id)} can't be the id of a key: use a plain file name that does not end in .pem`,
    );
  }
  return join(folder, id);
}

/** Whether a text can be the id of a key in a folder. */
function isId(id: string): boolean {
  return ID.test(id) && !TAKEN.test(id) && Buffer.byteLength(id) <= MAX_ID_BYTES;
}

/** Writes a file of the folder whole, or not at all. */
type WriteWhole = (path: string, text: string, mode: number) => Promise<void>;

/**
 * Runs `work` while no other process writes to the folder, which is made if need be, for its owner alone. It begins again
 * when the lock is lost, as in a process that was stopped.
 * @param work writes with what it is given
 */
async function withFolderLock<Result>(folder: string, work: (write: WriteWhole) => Promise<Result>): Promise<Result> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return withFileLock(folder, { lockPath: join(folder, '.lock'), limitMs: LOCK_LIMIT_MS }, async (signal) =>
    work(async (path, text, mode) => {
      await removeUnfinished(path);
      await writeFileAtomically(path, text, { mode, signal });
    }),
  );
}
