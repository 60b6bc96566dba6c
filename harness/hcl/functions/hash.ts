import { constants, createHash, privateDecrypt } from 'node:crypto';
import { Unknown, type Value, ValueProblem } from '../values.js';
import { define } from './definition.js';
import { decoded, utf8 } from './encoding.js';

type Digest = 'hex' | 'base64';

/** A hash of bytes. */
export function hashed(algorithm: string, bytes: string | Buffer, digest: Digest): string {
  return createHash(algorithm).update(bytes).digest(digest);
}

/** What is another value each time, so that it is known only after an apply. */
function everNew(name: string) {
  return define(['...any'], () => new Unknown(`\${${name}()}`, `${name}()`));
}

/** @see https://developer.hashicorp.com/terraform/language/functions#hash-and-crypto-functions */
export const hashFunctions = {
  base64sha256: define(['string'], (text) => hashed('sha256', text, 'base64')),
  base64sha512: define(['string'], (text) => hashed('sha512', text, 'base64')),
  bcrypt: everNew('bcrypt'),
  md5: define(['string'], (text) => hashed('md5', text, 'hex')),
  rsadecrypt: define(['string', 'string'], decrypted),
  sha1: define(['string'], (text) => hashed('sha1', text, 'hex')),
  sha256: define(['string'], (text) => hashed('sha256', text, 'hex')),
  sha512: define(['string'], (text) => hashed('sha512', text, 'hex')),
  uuid: everNew('uuid'),
  uuidv5: define(['string', 'string'], uuidOfName),
  plantimestamp: everNew('plantimestamp'),
  timestamp: everNew('timestamp'),
};

const NAMESPACES: Readonly<Record<string, string>> = {
  dns: '6ba7b8109dad11d180b400c04fd430c8',
  url: '6ba7b8119dad11d180b400c04fd430c8',
  oid: '6ba7b8129dad11d180b400c04fd430c8',
  x500: '6ba7b8149dad11d180b400c04fd430c8',
};

/** RFC 9562, version 5. */
function uuidOfName(namespace: string, name: string): Value {
  const digits = NAMESPACES[namespace] ?? namespace.replaceAll(/[-{}]/g, '').toLowerCase();
  if (!/^[\da-f]{32}$/.test(digits))
    throw new ValueProblem(`"${namespace}" is not a namespace: use dns, url, oid, x500 or a UUID`);
  const bytes = createHash('sha1').update(Buffer.from(digits, 'hex')).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function decrypted(ciphertext: string, key: string): Value {
  try {
    return utf8(privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, decoded(ciphertext)), 'rsadecrypt');
  } catch {
    throw new ValueProblem('"rsadecrypt" can not decrypt the string with that key');
  }
}
