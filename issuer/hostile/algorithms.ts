import { createHmac, sign as signBytes } from 'node:crypto';
import { UsageError } from '../../errors/index.js';
import { signingAlgorithms } from '../keys/algorithms.js';
import { publicPem } from '../keys/export-key.js';
import type { Signer } from '../tokens/claims.js';
import type { Break, Good } from './hostile-token.js';

const unsigned: Signer = { alg: 'none', sign: () => Buffer.alloc(0) };

/** Tokens whose algorithm is none, weak, or not the key's. */
export const algorithms: readonly Break[] = [
  {
    name: 'alg-none',
    breaks: 'nobody signed it, and its alg says so',
    rfc: 'RFC 8725, section 2.1',
    vault: 'algorithm_not_allowed',
    consul: /unexpected signature algorithm "none"/,
    verify: 'algorithm_not_allowed',
    build: ({ claims, key, sign }) => sign(claims, { kid: key.kid }, unsigned),
  },
  {
    name: 'alg-none-in-capitals',
    breaks: 'nobody signed it, and its alg is "nOnE"',
    rfc: 'RFC 8725, section 2.1',
    vault: 'algorithm_not_allowed',
    consul: /unexpected signature algorithm "nOnE"/,
    verify: 'algorithm_not_allowed',
    build: ({ claims, key, sign }) => sign(claims, { kid: key.kid }, { ...unsigned, alg: 'nOnE' }),
  },
  {
    name: 'alg-missing',
    breaks: 'its header has no alg',
    rfc: 'RFC 7515, section 4.1.1',
    vault: 'algorithm_not_allowed',
    consul: /unexpected signature algorithm ""/,
    verify: 'algorithm_not_allowed',
    build: ({ claims, sign }) => sign(claims, { alg: undefined }),
  },
  {
    name: 'alg-in-lower-case',
    breaks: 'its alg is written in lower case',
    rfc: 'RFC 7515, section 4.1.1',
    vault: 'algorithm_not_allowed',
    consul: /unexpected signature algorithm "es256"/,
    verify: 'algorithm_not_allowed',
    build: ({ claims, key, sign }) => sign(claims, { alg: key.alg.toLowerCase() }),
  },
  {
    name: 'hs256-with-public-key',
    breaks: 'the public key, in PEM, was taken for a shared secret',
    rfc: 'RFC 8725, section 2.1',
    vault: 'algorithm_not_allowed',
    consul: /unexpected signature algorithm "HS256"/,
    verify: 'algorithm_not_allowed',
    build: (good) => good.sign(good.claims, {}, hmac(good, publicPem(good.key))),
  },
  {
    name: 'hs256-with-public-jwk',
    breaks: 'the public key, as a JWK, was taken for a shared secret',
    rfc: 'RFC 8725, section 2.1',
    vault: 'algorithm_not_allowed',
    consul: /unexpected signature algorithm "HS256"/,
    verify: 'algorithm_not_allowed',
    build: (good) => good.sign(good.claims, {}, hmac(good, JSON.stringify(good.key.publicJwk))),
  },
  {
    name: 'hs256-with-empty-secret',
    breaks: 'an empty shared secret signed it',
    rfc: 'RFC 7518, section 3.2',
    vault: 'algorithm_not_allowed',
    consul: /unexpected signature algorithm "HS256"/,
    verify: 'algorithm_not_allowed',
    build: (good) => good.sign(good.claims, {}, hmac(good, '')),
  },
  {
    name: 'alg-of-another-key-type',
    breaks: "its alg is not one of its key's type",
    rfc: 'RFC 8725, section 3.1',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'algorithm_not_allowed',
    build: ({ claims, key, sign }) => sign(claims, { alg: key.alg === 'RS256' ? 'ES256' : 'RS256' }),
  },
  {
    name: 'wrong-hash',
    breaks: 'it was signed over another hash than its alg says',
    rfc: 'RFC 7518, section 3.1',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'signature_invalid',
    algorithms: signingAlgorithms.filter((alg) => alg !== 'EdDSA'),
    build: ({ claims, key, sign }) => {
      const { alg, kid, privateKey } = key;
      if (!privateKey) throw new UsageError('this needs a private key that is in this process');
      const hash = alg.endsWith('384') ? 'sha256' : 'sha384';
      const other = (data: Uint8Array): Buffer => signBytes(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return sign(claims, {}, { alg, kid, sign: other });
    },
  },
];

function hmac({ key: { kid } }: Good, secret: string): Signer {
  return { alg: 'HS256', kid, sign: (data) => createHmac('sha256', secret).update(data).digest() };
}
