import { UsageError } from '../../errors/index.js';
import type { SigningKey } from '../keys/signing-key.js';
import { certificate } from '../tls/certificate.js';
import { attackerKey, LURE_PATH } from './attacker.js';
import type { Break } from './hostile-token.js';

/** Tokens that lead a verifier to the wrong key, or to none. */
export const keys: readonly Break[] = [
  {
    name: 'unknown-kid',
    breaks: 'the right key signed it under a kid that nobody has',
    rfc: 'RFC 7515, section 4.1.4',
    vault: 'unknown_key',
    consul: /failed to verify id token signature/,
    verify: 'unknown_key',
    build: ({ claims, sign }) => sign(claims, { kid: 'nobody' }),
  },
  {
    name: 'unknown-key',
    breaks: 'a key that is not published signed it, under its own kid',
    rfc: 'RFC 8725, section 3.8',
    vault: 'unknown_key',
    consul: /failed to verify id token signature/,
    verify: 'unknown_key',
    build: async ({ claims, key, sign }) => sign(claims, {}, await attackerKey(key.alg)),
  },
  {
    name: 'other-key-under-known-kid',
    breaks: 'a key that is not published signed it, under a kid that is',
    rfc: 'RFC 8725, section 3.8',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    build: async ({ claims, key, sign }) => sign(claims, { kid: key.kid }, await attackerKey(key.alg)),
  },
  {
    name: 'no-kid',
    breaks: 'it does not say which key signed it',
    rfc: 'RFC 7515, section 4.1.4',
    vault: 'accepted',
    consul: 'accepted',
    verify: { passes: 'kid is optional, and every key is tried (RFC 7515, section 4.1.4)' },
    build: ({ claims, sign }) => sign(claims, { kid: undefined }),
  },
  {
    name: 'other-key-without-kid',
    breaks: 'a key that is not published signed it, and it does not say which',
    rfc: 'RFC 8725, section 3.8',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    build: async ({ claims, key, sign }) => sign(claims, { kid: undefined }, await attackerKey(key.alg)),
  },
  {
    name: 'empty-kid',
    breaks: 'its kid is an empty string',
    rfc: 'RFC 7515, section 4.1.4',
    vault: 'accepted',
    consul: 'accepted',
    verify: { passes: 'an empty kid names no key, so that every key is tried, as servers do' },
    build: ({ claims, sign }) => sign(claims, { kid: '' }),
  },
  {
    name: 'kid-with-path',
    breaks: 'its kid is the path of a file that everybody knows',
    rfc: 'RFC 8725, section 3.10',
    vault: 'unknown_key',
    consul: /failed to verify id token signature/,
    verify: 'unknown_key',
    build: ({ claims, sign }) => sign(claims, { kid: '../../../../../../dev/null' }),
  },
  {
    name: 'kid-with-sql',
    breaks: 'its kid is a piece of SQL',
    rfc: 'RFC 8725, section 3.10',
    vault: 'unknown_key',
    consul: /failed to verify id token signature/,
    verify: 'unknown_key',
    build: ({ claims, sign }) => sign(claims, { kid: "x' UNION SELECT 'secret' --" }),
  },
  {
    name: 'kid-as-number',
    breaks: 'its kid is a number',
    rfc: 'RFC 7515, section 4.1.4',
    vault: 'token_malformed',
    consul: /failed to unmarshal key ID/,
    verify: 'unknown_key',
    build: ({ claims, sign }) => sign(claims, { kid: 0 }),
  },
  {
    name: 'embedded-jwk',
    breaks: 'a key that is not published signed it, and its header brings that key',
    rfc: 'RFC 8725, section 3.10; RFC 7515, section 4.1.3',
    vault: 'unknown_key',
    consul: /failed to verify id token signature/,
    verify: 'unknown_key',
    build: async ({ key, claims, sign }) => {
      const attacker = await attackerKey(key.alg);
      return sign(claims, { jwk: attacker.publicJwk }, attacker);
    },
  },
  {
    name: 'embedded-x5c',
    breaks: 'a key that is not published signed it, and its header brings a certificate of that key',
    rfc: 'RFC 7515, section 4.1.6',
    vault: 'unknown_key',
    consul: /failed to verify id token signature/,
    verify: 'unknown_key',
    build: async ({ key, claims, now, sign }) => {
      const attacker = await attackerKey(key.alg);
      return sign(claims, { x5c: [certificateOf(attacker, await attackerKey('ES256'), now)] }, attacker);
    },
  },
  {
    name: 'jku',
    breaks: 'a key that is not published signed it, and its header says where to fetch that key',
    rfc: 'RFC 8725, section 3.10; RFC 7515, section 4.1.2',
    vault: 'unknown_key',
    consul: /failed to verify id token signature/,
    verify: 'unknown_key',
    build: async ({ issuer, key, claims, sign }) =>
      sign(claims, { jku: issuer.url + LURE_PATH }, await attackerKey(key.alg)),
  },
  {
    name: 'x5u',
    breaks: 'a key that is not published signed it, and its header says where to fetch its certificate',
    rfc: 'RFC 8725, section 3.10; RFC 7515, section 4.1.5',
    vault: 'unknown_key',
    consul: /failed to verify id token signature/,
    verify: 'unknown_key',
    build: async ({ issuer, key, claims, sign }) =>
      sign(claims, { x5u: issuer.url + LURE_PATH }, await attackerKey(key.alg)),
  },
];

/** A certificate of a key by another, in base64 (not base64url) of its DER, as `x5c` has it. */
function certificateOf(key: SigningKey, authority: SigningKey, now: number): string {
  const pem = certificate({
    subject: { commonName: 'mallory', privateKey: present(key) },
    issuer: { commonName: 'authority of mallory', privateKey: present(authority) },
    names: ['mallory.example'],
    notBefore: now - 60,
    notAfter: now + 3_600,
  });
  return pem.replace(/-----[^-]+-----|\s/g, '');
}

function present({ privateKey }: SigningKey): NonNullable<SigningKey['privateKey']> {
  if (privateKey) return privateKey;
  throw new UsageError('this needs a private key that is in this process');
}
