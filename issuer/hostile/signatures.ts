import { sign as signBytes } from 'node:crypto';
import { UsageError } from '../../errors/index.js';
import { encode } from '../tokens/claims.js';
import { type Break, changePart, changeSignature } from './hostile-token.js';

/** The number of points of P-256 (SEC 2, section 2.4.2). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Tokens that were changed after they were signed, or whose signature has another form. */
export const signatures: readonly Break[] = [
  {
    name: 'tampered-payload',
    breaks: 'a claim was added after it was signed',
    rfc: 'RFC 7515, section 5.2',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    build: async ({ claims, sign }) => changePart(await sign(), 1, () => encode({ ...claims, admin: true })),
  },
  {
    name: 'tampered-header',
    breaks: 'its typ was changed after it was signed',
    rfc: 'RFC 7515, section 5.2',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    build: async ({ key, sign }) =>
      changePart(await sign(), 0, () => encode({ alg: key.alg, kid: key.kid, typ: 'at+jwt' })),
  },
  {
    name: 'tampered-signature',
    breaks: 'one bit of its signature was changed',
    rfc: 'RFC 7515, section 5.2',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    build: async ({ sign }) =>
      changeSignature(await sign(), (signature) =>
        Buffer.from(signature.map((byte, at) => (at === 0 ? byte ^ 1 : byte))),
      ),
  },
  {
    name: 'signature-of-another-token',
    breaks: 'its signature is that of another good token',
    rfc: 'RFC 7515, section 5.2',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    build: async ({ claims, sign }) => {
      const other = await sign({ ...claims, jti: 'another' });
      return changePart(await sign(), 2, () => other.split('.')[2] ?? '');
    },
  },
  {
    name: 'empty-signature',
    breaks: 'its signature is empty',
    rfc: 'RFC 7515, section 5.2',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    build: async ({ sign }) => changePart(await sign(), 2, () => ''),
  },
  {
    name: 'zero-signature',
    breaks: 'its signature is all zeros',
    rfc: 'RFC 8725, section 2.3; CVE-2022-21449',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    build: async ({ sign }) => changeSignature(await sign(), ({ length }) => Buffer.alloc(length)),
  },
  {
    name: 'short-signature',
    breaks: 'its signature lacks its last byte',
    rfc: 'RFC 7518, section 3.4',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    build: async ({ sign }) => changeSignature(await sign(), (signature) => signature.subarray(0, -1)),
  },
  {
    name: 'long-signature',
    breaks: 'its R and its S have a zero before them',
    rfc: 'RFC 7518, section 3.4',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    algorithms: ['ES256'],
    build: async ({ sign }) =>
      changeSignature(await sign(), (signature) => {
        const zero = Buffer.alloc(1);
        return Buffer.concat([zero, signature.subarray(0, 32), zero, signature.subarray(32)]);
      }),
  },
  {
    name: 'der-signature',
    breaks: 'its signature is in DER, as openssl makes it',
    rfc: 'RFC 7518, section 3.4',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    algorithms: ['ES256'],
    build: ({ claims, key, sign }) => {
      const { privateKey } = key;
      if (!privateKey) throw new UsageError('this needs a private key that is in this process');
      const der = (data: Uint8Array): Buffer => signBytes('sha256', data, { key: privateKey, dsaEncoding: 'der' });
      return sign(claims, {}, { ...key, sign: der });
    },
  },
  {
    name: 'mirrored-signature',
    breaks: 'its S was replaced by the other one that verifies, so that it is another token by its text',
    rfc: 'RFC 7518, section 3.4',
    vault: 'accepted',
    consul: 'accepted',
    verify: { passes: 'ECDSA has two signatures for each, and RFC 7518 allows both' },
    algorithms: ['ES256'],
    build: async ({ sign }) =>
      changeSignature(await sign(), (signature) => {
        const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
        const mirrored = (P256_ORDER - s).toString(16).padStart(64, '0');
        return Buffer.concat([signature.subarray(0, 32), Buffer.from(mirrored, 'hex')]);
      }),
  },
];
