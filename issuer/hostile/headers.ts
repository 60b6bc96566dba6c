import { encode } from '../tokens/claims.js';
import { appended, type Break, type Good } from './hostile-token.js';

/** Tokens whose header asks for what no verifier should do unasked. */
export const headers: readonly Break[] = [
  {
    name: 'duplicate-alg',
    breaks: 'its header has alg twice, and the first is none',
    rfc: 'RFC 7515, section 4',
    vault: 'token_malformed',
    consul: /duplicate key 'alg' in object/,
    verify: 'token_malformed',
    build: (good) => withHeader(good, appended({ alg: 'none', kid: good.key.kid, typ: 'JWT' }, 'alg', good.key.alg)),
  },
  {
    name: 'upper-alg-beside-alg',
    breaks: 'its header has an ALG of none beside its alg',
    rfc: 'RFC 7515, section 4',
    vault: 'accepted',
    consul: 'accepted',
    verify: { passes: 'names are case-sensitive, and an unknown parameter is ignored (RFC 7515, section 4)' },
    build: ({ claims, sign }) => sign(claims, { ALG: 'none' }),
  },
  {
    name: 'header-is-a-list',
    breaks: 'its header is a list',
    rfc: 'RFC 7515, section 4',
    vault: 'token_malformed',
    consul: /cannot unmarshal array into Go value of type jose\.rawHeader/,
    verify: 'token_malformed',
    build: (good) => withHeader(good, JSON.stringify([{ alg: good.key.alg, kid: good.key.kid }])),
  },
  {
    name: 'header-with-bom',
    breaks: 'its header begins with a byte order mark',
    rfc: 'RFC 8259, section 8.1',
    vault: 'token_malformed',
    consul: /invalid character 'ï' looking for beginning of value/,
    verify: 'token_malformed',
    build: (good) => withHeader(good, `\uFEFF${JSON.stringify({ alg: good.key.alg, kid: good.key.kid })}`),
  },
  {
    name: 'unknown-crit',
    breaks: 'its header has a parameter that must be understood and that nobody does',
    rfc: 'RFC 7515, section 4.1.11',
    vault: 'token_malformed',
    consul: /failed to verify id token signature/,
    verify: 'token_malformed',
    build: ({ claims, sign }) =>
      sign(claims, { crit: ['http://example.com/UNDEFINED'], 'http://example.com/UNDEFINED': true }),
  },
  {
    name: 'empty-crit',
    breaks: 'its crit names nothing',
    rfc: 'RFC 7515, section 4.1.11',
    vault: 'accepted',
    consul: 'accepted',
    verify: 'token_malformed',
    build: ({ claims, sign }) => sign(claims, { crit: [] }),
  },
  {
    name: 'crit-as-string',
    breaks: 'its crit is a string, not a list',
    rfc: 'RFC 7515, section 4.1.11',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: 'token_malformed',
    build: ({ claims, sign }) => sign(claims, { crit: 'exp', exp: 1 }),
  },
  {
    name: 'b64-false',
    breaks: 'its signature is over the payload before base64url, as its header says with b64: false',
    rfc: 'RFC 7797, section 7',
    vault: 'accepted',
    consul: 'accepted',
    verify: 'token_malformed',
    build: async ({ claims, key }) => {
      const header = encode({ alg: key.alg, kid: key.kid, b64: false, crit: ['b64'] });
      const payload = JSON.stringify(claims);
      const signature = await key.sign(Buffer.from(`${header}.${payload}`));
      return `${header}.${encode(payload)}.${Buffer.from(signature).toString('base64url')}`;
    },
  },
  {
    name: 'b64-false-without-crit',
    breaks: 'its header says b64: false and not that this must be understood',
    rfc: 'RFC 7797, section 6',
    vault: 'signature_invalid',
    consul: /failed to verify id token signature/,
    verify: { passes: 'an unknown parameter that is not in crit is ignored (RFC 7515, section 4)' },
    build: ({ claims, sign }) => sign(claims, { b64: false }),
  },
  {
    name: 'zip',
    breaks: 'its header says that it is compressed, which only encrypted tokens can be',
    rfc: 'RFC 8725, section 3.6; RFC 7516, section 4.1.3',
    vault: 'accepted',
    consul: 'accepted',
    verify: { passes: 'an unknown parameter that is not in crit is ignored (RFC 7515, section 4)' },
    build: ({ claims, sign }) => sign(claims, { zip: 'DEF' }),
  },
  {
    name: 'access-token-type',
    breaks: 'its typ is that of another kind of token, at+jwt',
    rfc: 'RFC 8725, section 3.11',
    vault: 'accepted',
    consul: 'accepted',
    verify: { passes: 'typ is compared where the caller names one (RFC 8725, section 3.11)' },
    build: ({ claims, sign }) => sign(claims, { typ: 'at+jwt' }),
  },
];

/** The good claims under a header as it is written. */
async function withHeader({ key, claims }: Good, header: string): Promise<string> {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${Buffer.from(await key.sign(Buffer.from(input))).toString('base64url')}`;
}
