import { decodeJwt } from 'jose';
import type { VaultproofError } from 'vaultproof';
import { createIssuer, generateSigningKey, type StartedIssuer, startIssuer, verifyToken } from 'vaultproof/issuer';
import { type HostileToken, hostileTokens } from 'vaultproof/issuer/hostile';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type HostileServer,
  hostileServers,
  keySources,
  namesToldByMode,
  outcomeOf,
  tokensThatDependOnKeySource,
} from '../../../integration/issuer/hostile-modes.js';
import { presetCases } from '../../../integration/presets/preset-cases.js';
import { read, section, tableRows } from '../../docs/markdown.js';

const claims = { sub: 'vishpat', aud: 'damage_inc' };
let issuer: StartedIssuer;

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.stop());

test('there are 104 hostile tokens, and no name twice', () => {
  expect(hostileTokens).toHaveLength(104);
  expect(new Set(hostileTokens.map(({ name }) => name)).size).toBe(104);
});

describe('our own verification', () => {
  test.each(hostileTokens)('of the token "$name" has the outcome of the catalogue', async ({ make, verify }) => {
    const key = issuer.keys.active();
    const verdict = await verifyToken(await make(issuer, claims), {
      algorithms: ['ES256'],
      keys: [key.publicJwk],
      issuer: issuer.url,
      audience: 'damage_inc',
      subject: 'vishpat',
    });
    expect(verdict.valid ? 'valid' : verdict.code).toBe(typeof verify === 'string' ? verify : 'valid');
  });

  test('fetches nothing that a token points to', () => {
    expect(issuer.fetches).toEqual({ jwks: 0, discovery: 0, lure: 0 });
  });
});

test('what a token points to is there, and its fetch is counted', async () => {
  const jku = hostileTokens.find(({ name }) => name === 'jku');
  const [header = ''] = String(await jku?.make(issuer, claims)).split('.');
  const { jku: url, kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { jku: string; kid: string };
  expect(await (await fetch(url)).json()).toMatchObject({
    keys: expect.arrayContaining([expect.objectContaining({ kid })]),
  });
  expect(issuer.fetches.lure).toBe(1);
});

test('the claims that are asked for are in the token, and so is what was moved with the clock', async () => {
  await using moved = await startIssuer();
  moved.clock.moveTo(4_000_000_000);
  const expired = hostileTokens.find(({ name }) => name === 'expired');
  expect(decodeJwt(String(await expired?.make(moved, { ...claims, team: 'storage' })))).toMatchObject({
    iss: moved.url,
    sub: 'vishpat',
    team: 'storage',
    iat: 3_999_992_800,
    exp: 3_999_996_400,
  });
});

describe('an issuer that signs with RS256', () => {
  const elliptic = ['long-signature', 'der-signature', 'mirrored-signature'];
  let other: StartedIssuer;

  beforeAll(async () => {
    other = await startIssuer({ algorithms: ['RS256'] });
  });
  afterAll(() => other.stop());

  test.each(elliptic)('cannot make "%s", which needs an ES256 key', async (name) => {
    const token = hostileTokens.find((candidate) => candidate.name === name);
    await expect(token?.make(other, claims)).rejects.toMatchObject({
      code: 'key_invalid',
      message: expect.stringContaining(`the hostile token "${name}" can't be made with a key for RS256`),
      details: { hostile: name, alg: 'RS256', algorithms: ['ES256'] },
    });
  });

  test.each(hostileTokens.filter(({ name }) => !elliptic.includes(name)))(
    'makes a token "$name" that our own verification treats alike',
    async ({ make, verify }) => {
      const verdict = await verifyToken(await make(other, claims), {
        algorithms: ['RS256'],
        keys: [other.keys.active().publicJwk],
        issuer: other.url,
        audience: 'damage_inc',
        subject: 'vishpat',
      });
      expect(verdict.valid ? 'valid' : verdict.code).toBe(typeof verify === 'string' ? verify : 'valid');
    },
  );
});

test.each(presetCases)('every other one is made of the token of $name with an RS256 key', async ({ token }) => {
  const vendor = await createIssuer('https://issuer.example', { algorithms: ['RS256'] });
  const good = token(vendor);
  const refused = await Promise.all(
    hostileTokens.map(({ name, make }) =>
      make(vendor, good).then(
        () => [],
        ({ code }: VaultproofError) => [[name, code]],
      ),
    ),
  );
  expect(refused.flat()).toEqual([
    ['long-signature', 'key_invalid'],
    ['der-signature', 'key_invalid'],
    ['mirrored-signature', 'key_invalid'],
  ]);
});

test('a key whose private half is elsewhere is wrong use where a token takes that', async () => {
  const { privateKey: _elsewhere, ...key } = await generateSigningKey();
  await using other = await startIssuer({ keys: [key] });
  const der = hostileTokens.find(({ name }) => name === 'der-signature');
  await expect(der?.make(other, claims)).rejects.toThrow(TypeError);
});

test('docs/hostile-tokens.md has the catalogue, row by row', () => {
  const code = (value: string): string => (value === 'accepted' ? '**accepted**' : `\`${value}\``);
  const rows = hostileTokens.map(({ name, breaks, rfc, vault, openbao = vault, consul, verify }) => [
    code(name),
    breaks,
    rfc,
    code(vault),
    code(openbao),
    consul === 'accepted' ? '**accepted**' : code(consul.source),
    typeof verify === 'string' ? code(verify) : `passes: ${verify.passes}`,
  ]);
  expect(tableRows(section(read('docs/hostile-tokens.md'), 'The tokens'))).toEqual(rows);
});

test('docs/hostile-tokens.md has those that depend on how a server is given the keys', () => {
  const letsIn = (token: HostileToken, server: HostileServer): string => {
    const sources = keySources.filter((source) => outcomeOf(token, server, source) === 'accepted');
    return sources.length === keySources.length ? 'all three' : sources.join(', ') || 'none';
  };
  const rows = tokensThatDependOnKeySource().map((token) => [
    `\`${token.name}\``,
    ...hostileServers.map((server) => letsIn(token, server)),
  ]);
  expect(tableRows(section(read('docs/hostile-tokens.md'), 'Where the mode matters'))).toEqual(rows);
});

test('the outcomes by mode are those of tokens in the catalogue', () => {
  const names = hostileTokens.map(({ name }) => name);
  expect(namesToldByMode.filter((name) => !names.includes(name))).toEqual([]);
});
