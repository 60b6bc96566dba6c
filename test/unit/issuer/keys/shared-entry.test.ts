import { generateSigningKey } from 'vaultproof/issuer';
import { privateJwk } from 'vaultproof/issuer/keys';
import { describe, expect, test } from 'vitest';
import { parseSharedEntry, sharedPeers } from '../../../../issuer/keys/shared-entry.js';

const NOW = 1_000_000;
const one = await generateSigningKey('ES256', { kid: 'one' });
const two = await generateSigningKey('ES256', { kid: 'two' });
const privateOne = await privateJwk(one);
const rsa = await generateSigningKey('RS256', { kid: 'rsa' });

function entry(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ iss: 'appmesh-auth0', instance: 'i', expires: NOW + 60, keys: [one.publicJwk], ...changes });
}

test('an entry has the keys that verify ES256, and others are left out', () => {
  expect(parseSharedEntry(entry({ keys: [one.publicJwk, rsa.publicJwk] }), NOW)).toEqual({
    iss: 'appmesh-auth0',
    instance: 'i',
    expires: 1_000_060,
    keys: [one.publicJwk],
  });
});

describe('an entry is passed over as a whole', () => {
  test.each([
    ['that is not JSON', '{', 'it is not a JSON object'],
    ['that is a list', '[]', 'it is not a JSON object'],
    ['that is empty', '', 'it is not a JSON object'],
    ['over 64 KiB', entry({ padding: 'x'.repeat(64 * 1024) }), 'it is over 64 KiB'],
    ['without an iss', entry({ iss: '' }), 'its "iss" or "instance" is not a string'],
    ['whose iss is a list', entry({ iss: ['appmesh-auth0'] }), 'its "iss" or "instance" is not a string'],
    ['whose end is text', entry({ expires: '9' }), 'its "expires" is not a time'],
    ['whose end is infinite', entry().replace('1000060', '1e999'), 'its "expires" is not a time'],
    ['that would count for a day', entry({ expires: NOW + 86_400 }), 'it expires later than allowed'],
    ['without keys', entry({ keys: undefined }), 'its "keys" must be a list of at most 16'],
    ['with 17 keys', entry({ keys: Array(17).fill(one.publicJwk) }), 'its "keys" must be a list of at most 16'],
    ['with a key that is text', entry({ keys: ['canary'] }), 'one of its keys is not a JWK'],
    [
      'with a key without a kid',
      entry({ keys: [{ ...one.publicJwk, kid: undefined }] }),
      'one of its keys has no "kid" or no "kty"',
    ],
    [
      'with a point off the curve',
      entry({ keys: [{ ...one.publicJwk, x: two.publicJwk.x }] }),
      'one of its keys is invalid',
    ],
    [
      'with coordinates that are objects',
      entry({ keys: [{ ...one.publicJwk, x: {}, y: [] }] }),
      'one of its keys is invalid',
    ],
  ])('%s', (_name, text, wrong) => {
    expect(parseSharedEntry(text, NOW)).toEqual({ wrong });
  });

  test.each([
    ['a private key', privateOne],
    ['a secret', { kty: 'oct', k: 'Y2FuYXJ5', kid: 'one', alg: 'HS256' }],
    ['a public key that is called a secret, too', { ...one.publicJwk, k: 'Y2FuYXJ5' }],
  ])('an entry with %s is passed over, and its value is not repeated', (_name, key) => {
    const found = parseSharedEntry(entry({ keys: [one.publicJwk, key] }), NOW);
    expect(found).toMatchObject({ wrong: expect.stringContaining('generate another') });
    expect(JSON.stringify(found)).not.toContain('Y2FuYXJ5');
  });

  test('and a key for another curve, use or algorithm is no key for ES256', () => {
    const others = [
      { kty: 'oct', kid: 'one', alg: 'HS256' },
      { ...one.publicJwk, alg: 'HS256' },
      { ...one.publicJwk, use: 'enc' },
      { ...one.publicJwk, key_ops: 'verify' },
      { ...one.publicJwk, crv: 'P-384' },
    ];
    expect(parseSharedEntry(entry({ keys: others }), NOW)).toMatchObject({ keys: [] });
  });
});

describe('the table of the others', () => {
  function table() {
    const clock = { now: NOW };
    const complaints: string[] = [];
    const peers = sharedPeers(
      60,
      () => clock.now,
      (name, wrong) => complaints.push(`${name}: ${wrong}`),
    );
    const kids = (kid: string): number => peers.setsWith('appmesh-auth0', kid).length;
    return { clock, complaints, peers, kids };
  }

  test('has a set for each issuer with the key, for tokens with its iss alone', () => {
    const { peers, kids } = table();
    peers.take(
      new Map([
        ['k/a', entry()],
        ['k/b', entry({ keys: [one.publicJwk, two.publicJwk] })],
        ['k/c', entry({ iss: 'other' })],
      ]),
    );
    expect([kids('one'), kids('two'), kids('three')]).toEqual([2, 1, 0]);
    expect(peers.setsWith('other', 'one')).toHaveLength(1);
    expect(peers.setsWith('other', undefined)).toEqual([]);
  });

  test('forgets who is gone and who has not renewed', () => {
    const { clock, peers, kids } = table();
    peers.take(new Map([['k/a', entry()]]));
    clock.now += 59;
    expect(kids('one')).toBe(1);
    clock.now += 1;
    expect(kids('one')).toBe(0);
    peers.take(new Map([['k/a', entry({ expires: NOW + 120 })]]));
    expect(kids('one')).toBe(1);
    peers.take(new Map());
    expect(kids('one')).toBe(0);
  });

  test('goes by what it knew during an outage, and for one lease after it', () => {
    const { clock, peers, kids } = table();
    peers.take(
      new Map([
        ['k/a', entry()],
        ['k/b', entry({ keys: [two.publicJwk] })],
      ]),
    );
    peers.lost();
    clock.now += 1_000;
    expect([kids('one'), kids('two')]).toEqual([1, 1]);
    peers.take(new Map([['k/a', entry()]]));
    clock.now += 59;
    expect([kids('one'), kids('two')]).toEqual([1, 1]);
    clock.now += 1;
    expect([kids('one'), kids('two')]).toEqual([0, 0]);
  });

  test('has 64 issuers at most, and good ones whatever the others are', () => {
    const { complaints, peers, kids } = table();
    const bad: [string, string][] = Array.from({ length: 100 }, (_, index) => [`k/a-${index}`, '{']);
    const good: [string, string][] = Array.from({ length: 70 }, (_, index) => [`k/b-${index}`, entry()]);
    peers.take(new Map([...bad, ...good]));
    expect(kids('one')).toBe(64);
    expect(complaints).toHaveLength(106);
    expect(complaints.at(-1)).toBe('k/b-69: there are 64 others');
  });
});
