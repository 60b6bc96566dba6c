import { encode } from '../tokens/claims.js';
import { type Break, changePart, type Good } from './hostile-token.js';

const MEGABYTE = 1_048_576;

/** Tokens that are not a compact JWT, or hardly. */
export const forms: readonly Break[] = [
  {
    name: 'two-parts',
    breaks: 'it has no third part',
    rfc: 'RFC 7515, section 7.1',
    vault: 'token_malformed',
    consul: /compact JWS format must have three parts/,
    verify: 'token_malformed',
    build: async ({ sign }) => (await sign()).split('.').slice(0, 2).join('.'),
  },
  {
    name: 'four-parts',
    breaks: 'it has a fourth part',
    rfc: 'RFC 7515, section 7.1',
    vault: 'token_malformed',
    consul: /compact JWS format must have three parts/,
    verify: 'token_malformed',
    build: async ({ sign }) => `${await sign()}.e30`,
  },
  {
    name: 'encrypted-look',
    breaks: 'it has five parts, like an encrypted token',
    rfc: 'RFC 7516, section 7.1',
    vault: 'token_malformed',
    consul: /compact JWS format must have three parts/,
    verify: 'token_malformed',
    build: async ({ sign }) => `${await sign()}.e30.e30`,
  },
  {
    name: 'json-serialisation',
    breaks: 'it is in the flattened JSON form',
    rfc: 'RFC 7519, section 3',
    vault: 'accepted',
    consul: 'accepted',
    verify: 'token_malformed',
    build: async (good) => {
      const [header, payload, signature] = await parts(good);
      return JSON.stringify({ protected: header, payload, signature });
    },
  },
  {
    name: 'json-serialisation-general',
    breaks: 'it is in the general JSON form, with one signature',
    rfc: 'RFC 7519, section 3',
    vault: 'accepted',
    consul: 'accepted',
    verify: 'token_malformed',
    build: async (good) => {
      const [header, payload, signature] = await parts(good);
      return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
    },
  },
  {
    name: 'bearer-prefix',
    breaks: 'it has "Bearer " before it',
    rfc: 'RFC 7515, section 7.1',
    vault: 'token_malformed',
    consul: /invalid character '\\x05' looking for beginning of value/,
    verify: 'token_malformed',
    build: async ({ sign }) => `Bearer ${await sign()}`,
  },
  {
    name: 'white-space-around',
    breaks: 'it has a line break after it',
    rfc: 'RFC 7515, section 7.1',
    vault: 'accepted',
    consul: 'accepted',
    verify: 'token_malformed',
    build: async ({ sign }) => `${await sign()}\n`,
  },
  {
    name: 'white-space-inside',
    breaks: 'it has line breaks in the middle of its payload',
    rfc: 'RFC 7515, section 2 (Base64url)',
    vault: 'accepted',
    consul: 'accepted',
    verify: 'token_malformed',
    build: async ({ sign }) => changePart(await sign(), 1, (part) => `${part.slice(0, 8)}\r\n${part.slice(8)}`),
  },
  {
    name: 'padding',
    breaks: 'its signature is padded with =',
    rfc: 'RFC 7515, section 2 (Base64url)',
    vault: 'token_malformed',
    consul: /illegal base64 data at input byte/,
    verify: 'token_malformed',
    build: async ({ sign }) => changePart(await sign(), 2, (part) => part.padEnd(Math.ceil(part.length / 4) * 4, '=')),
  },
  {
    name: 'standard-base64',
    breaks: 'its signature is in base64 with + and /',
    rfc: 'RFC 7515, section 2 (Base64url)',
    vault: 'token_malformed',
    consul: /illegal base64 data at input byte/,
    verify: 'token_malformed',
    build: async ({ claims, sign }) => {
      for (let attempt = 0; ; attempt++) {
        const jwt = await sign({ ...claims, attempt });
        if (/[-_]/.test(jwt.slice(jwt.lastIndexOf('.'))))
          return changePart(jwt, 2, (part) => part.replaceAll('-', '+').replaceAll('_', '/'));
      }
    },
  },
  {
    name: 'spare-bits',
    breaks: 'the bits to spare at the end of its signature are not zero',
    rfc: 'RFC 4648, section 3.5',
    vault: 'accepted',
    consul: 'accepted',
    verify: 'token_malformed',
    build: async ({ sign }) => changePart(await sign(), 2, withSpareBits),
  },
  {
    name: 'payload-is-a-list',
    breaks: 'its payload is a list with the claims in it',
    rfc: 'RFC 7519, section 7.2',
    vault: 'token_malformed',
    consul: /cannot unmarshal array into Go value of type jwt\.Claims/,
    verify: 'token_malformed',
    build: ({ claims, sign }) => sign([claims]),
  },
  {
    name: 'payload-is-a-token',
    breaks: 'its payload is another good token',
    rfc: 'RFC 7519, section 5.2',
    vault: 'token_malformed',
    consul: /invalid character 'e' looking for beginning of value/,
    verify: 'token_malformed',
    build: async ({ sign }) => sign(await sign(), { cty: 'JWT' }),
  },
  {
    name: 'payload-is-null',
    breaks: 'its payload is null',
    rfc: 'RFC 7519, section 7.2',
    vault: 'issuer_mismatch',
    consul: /no issue time, notbefore, or expiration time encoded in token/,
    verify: 'token_malformed',
    build: ({ sign }) => sign('null'),
  },
  {
    name: 'empty-payload',
    breaks: 'its payload is empty',
    rfc: 'RFC 7519, section 7.2',
    vault: 'token_malformed',
    consul: /unexpected end of JSON input/,
    verify: 'token_malformed',
    build: ({ sign }) => sign(''),
  },
  {
    name: 'payload-with-more-behind',
    breaks: 'its payload has another object behind the claims',
    rfc: 'RFC 7519, section 7.2',
    vault: 'token_malformed',
    consul: /invalid character '\{' after top-level value/,
    verify: 'token_malformed',
    build: ({ claims, sign }) => sign(`${JSON.stringify(claims)}{"admin":true}`),
  },
  {
    name: 'payload-with-bom',
    breaks: 'its payload begins with a byte order mark',
    rfc: 'RFC 8259, section 8.1',
    vault: 'token_malformed',
    consul: /invalid character 'ï' looking for beginning of value/,
    verify: 'token_malformed',
    build: ({ claims, sign }) => sign(`\uFEFF${JSON.stringify(claims)}`),
  },
  {
    name: 'invalid-utf8',
    breaks: 'a claim of its payload is not UTF-8',
    rfc: 'RFC 8725, section 3.7',
    vault: 'accepted',
    consul: 'accepted',
    verify: 'token_malformed',
    build: async ({ key, claims }) => {
      const payload = Buffer.from(JSON.stringify({ ...claims, note: '~' }));
      payload[payload.lastIndexOf('~')] = 0xff;
      const input = `${encode({ alg: key.alg, kid: key.kid, typ: 'JWT' })}.${payload.toString('base64url')}`;
      return `${input}.${Buffer.from(await key.sign(Buffer.from(input))).toString('base64url')}`;
    },
  },
  {
    name: 'deep-nesting',
    breaks: 'a claim of its payload is 20,000 lists in each other',
    rfc: 'RFC 8259, section 9',
    vault: 'token_malformed',
    consul: /exceeded max depth/,
    verify: { passes: 'a parser may limit the depth (RFC 8259, section 9), and this one does not' },
    build: ({ claims, sign }) =>
      sign(`${JSON.stringify(claims).slice(0, -1)},"deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
  },
  {
    name: 'large',
    breaks: 'it is over 100 KB long',
    rfc: 'RFC 7519, section 11',
    vault: 'accepted',
    consul: 'accepted',
    verify: 'token_too_large',
    build: ({ claims, sign }) => sign({ ...claims, padding: 'x'.repeat(100_000) }),
  },
  {
    name: 'oversize',
    breaks: 'it is over 1 MB long',
    rfc: 'RFC 7519, section 11',
    vault: 'token_too_large',
    openbao: 'accepted',
    consul: 'accepted',
    verify: 'token_too_large',
    build: ({ claims, sign }) => sign({ ...claims, padding: 'x'.repeat(MEGABYTE) }),
  },
];

async function parts({ sign }: Good): Promise<string[]> {
  return (await sign()).split('.');
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The same bytes by another text: the last character's low bits mean nothing (64 bytes leave four of them). */
function withSpareBits(part: string): string {
  return part.slice(0, -1) + ALPHABET[ALPHABET.indexOf(part.slice(-1)) + 1];
}
