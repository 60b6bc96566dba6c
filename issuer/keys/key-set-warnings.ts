import { isRecord } from '../../internal/json.js';
import { type Jwk, publicKeyFromJwk } from './import-key.js';

/** The curves that Vault and Consul read, by the type of key that has one. */
const curves: Readonly<Record<string, readonly unknown[]>> = { EC: ['P-256', 'P-384', 'P-521'], OKP: ['Ed25519'] };
/** The types of keys that Vault and Consul read. */
const types: readonly unknown[] = ['RSA', 'EC', 'OKP', 'oct'];
/** Members that are strings where they are there at all. */
const strings = ['kty', 'kid', 'use', 'alg', 'crv', 'x', 'y', 'n', 'e', 'd', 'k'] as const;

/**
 * What is wrong with a key set beside the question whether a token holds, as a sentence for each key: what makes Vault and
 * Consul refuse the whole set, with all of its other keys, and what nobody should publish.
 * @param keys the list "keys" of the set, none of it checked
 * @example keySetWarnings([{ kty: 'AKP', kid: 'new' }]) // ['the key "new" has ...']
 */
export function keySetWarnings(keys: readonly unknown[]): readonly string[] {
  return keys.flatMap((key, at) => {
    const name = isRecord(key) && typeof key['kid'] === 'string' ? JSON.stringify(key['kid']) : `number ${at + 1}`;
    const unreadable = whyUnreadable(key);
    const exposed = isRecord(key) && ['d', 'k'].some((member) => key[member] !== undefined);
    return [
      ...(unreadable === undefined
        ? []
        : [`the key ${name} ${unreadable}: Vault and Consul refuse the whole key set because of it`]),
      ...(exposed
        ? [
            `the key ${name} includes its private part: anyone who can read the key set can sign, and Vault and Consul do not verify with it. Generate another key, and publish its public part`,
          ]
        : []),
    ];
  });
}

function whyUnreadable(key: unknown): string | undefined {
  if (!isRecord(key)) return 'is no JSON object';
  const wrong = strings.find((name) => key[name] !== undefined && key[name] !== null && typeof key[name] !== 'string');
  if (wrong !== undefined) return `has a "${wrong}" that is not a string`;
  const { kty, crv } = key;
  if (!types.includes(kty)) return `has a "kty" that they don't know (${JSON.stringify(kty ?? null)})`;
  if (curves[String(kty)]?.includes(crv) === false) {
    return `has a "crv" that they don't know (${JSON.stringify(crv ?? null)})`;
  }
  return kty === 'oct' || isReadable(key) ? undefined : 'has members that are not a valid key';
}

function isReadable(key: Jwk): boolean {
  try {
    return publicKeyFromJwk(key).type === 'public';
  } catch {
    return false;
  }
}
