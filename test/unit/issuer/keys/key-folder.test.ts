import { chmod, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { generateSigningKey, signCompact, verifyToken } from 'vaultproof/issuer';
import { privateJwk, publicPem, readKey, readKeyFolder, rotateKey, writeKey } from 'vaultproof/issuer/keys';
import { beforeEach, describe, expect, test } from 'vitest';
import { startChild } from '../../../support/child.js';
import { bePatient } from '../../../support/patience.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { openssl } from './openssl.js';

// openssl takes its time to find primes.
bePatient();

let folder: string;
const at = (name: string): string => join(folder, name);
const modeOf = async (name: string): Promise<number> => (await stat(at(name))).mode & 0o777;

beforeEach(async () => {
  folder = await temporaryFolder();
});

/** The lines of seed 000. */
async function generateAsTheSeed(name: string): Promise<void> {
  const line = `cd "${folder}" && echo ${name} | bash -c 'read -r name && openssl genrsa -out "\${name}" 2048 && openssl rsa -in "\${name}" -pubout -outform PEM -out "\${name}.pem"'`;
  await execa('bash', ['-c', line]);
}

describe('a folder that openssl wrote', () => {
  test('is read as it stands, with the commands of seed 000', async () => {
    await generateAsTheSeed('username');
    await generateAsTheSeed('example-kan_soki');
    const warnings: string[] = [];
    const keys = await readKeyFolder(folder, { warn: (message) => warnings.push(message) });
    expect(keys.map(({ id, key }) => [id, key.alg])).toEqual([
      ['example-kan_soki', 'RS256'],
      ['username', 'RS256'],
    ]);
    expect(publicPem((await readKey(folder, 'username')).key)).toBe(await readFile(at('username.pem'), 'utf8'));
    expect(warnings).toEqual([]);
  });

  test.each([
    ['prime256v1', 'ES256'],
    ['secp384r1', 'ES384'],
    ['secp521r1', 'ES512'],
  ])('holds keys on %s, too, with their parameters before them', async (curve, alg) => {
    await openssl(['ecparam', '-name', curve, '-genkey', '-out', at('ec')]);
    await openssl(['ec', '-in', at('ec'), '-pubout', '-out', at('ec.pem')]);
    expect((await readKey(folder, 'ec')).key.alg).toBe(alg);
  });

  test('needs no public half', async () => {
    await openssl(['genrsa', '-out', at('alone'), '2048']);
    expect(await readKeyFolder(folder)).toMatchObject([{ id: 'alone', key: { alg: 'RS256' } }]);
  });

  test('signs with another algorithm of its keys when told to', async () => {
    await openssl(['genrsa', '-out', at('rsa'), '2048']);
    await openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at('ec')]);
    const keys = await readKeyFolder(folder, { alg: 'PS256' });
    expect(keys.map(({ id, key }) => [id, key.alg])).toEqual([
      ['ec', 'ES256'],
      ['rsa', 'PS256'],
    ]);
  });

  test('may hold folders, hidden files, public keys alone and links to keys', async () => {
    await mkdir(at('folder'));
    await writeFile(at('.gitkeep'), '');
    await writeKey(at('folder'), 'real', await generateSigningKey());
    await symlink(at('folder/real'), at('linked'));
    await writeFile(at('stranger.pem'), publicPem(await generateSigningKey()));
    expect((await readKeyFolder(folder)).map(({ id }) => id)).toEqual(['linked']);
  });
});

describe('a key that is written', () => {
  test('is read by openssl: an RSA key is checked, and what it signs is verified', async () => {
    await writeKey(folder, 'kan_soki', await generateSigningKey('RS256'));
    expect(await openssl(['rsa', '-in', at('kan_soki'), '-check', '-noout'])).toContain('RSA key ok');
    await writeFile(at('.data'), 'data');
    await openssl(['dgst', '-sha256', '-sign', at('kan_soki'), '-out', at('.signature'), at('.data')]);
    const verify = ['dgst', '-sha256', '-verify', at('kan_soki.pem'), '-signature', at('.signature'), at('.data')];
    expect(await openssl(verify)).toBe('Verified OK');
  });

  test.each(['ES256', 'ES384', 'ES512', 'EdDSA'] as const)('for %s is read by openssl', async (alg) => {
    await writeKey(folder, 'ec', await generateSigningKey(alg));
    const publicHalf = await openssl(['pkey', '-in', at('ec'), '-pubout']);
    expect(`${publicHalf}\n`).toBe(await readFile(at('ec.pem'), 'utf8'));
  });

  test('is for its owner alone, as its folder is, and leaves no other file', async () => {
    await writeKey(at('new/keys'), 'a', await generateSigningKey());
    expect(await modeOf('new/keys')).toBe(0o700);
    expect(await modeOf('new/keys/a')).toBe(0o600);
    expect(await modeOf('new/keys/a.pem')).toBe(0o644);
    expect((await readdir(at('new/keys'))).sort()).toEqual(['a', 'a.pem']);
  });

  test('takes no other’s place, neither a pair’s nor that of a public key alone', async () => {
    const first = await generateSigningKey();
    await writeKey(folder, 'a', first);
    await writeFile(at('b.pem'), publicPem(first));
    for (const id of ['a', 'b']) {
      await expect(writeKey(folder, id, await generateSigningKey())).rejects.toMatchObject({ code: 'key_exists' });
    }
    expect((await readKey(folder, 'a')).key.kid).toBe(first.kid);
    expect((await readdir(folder)).sort()).toEqual(['a', 'a.pem', 'b.pem']);
  });

  test.each(['', '.', '..', '../x', 'a/b', '/etc/x', 'a\\b', 'a\0b', 'a\nb', '.hidden', 'a.pem', 'x'.repeat(300)])(
    'has no id such as %j',
    async (id) => {
      const key = await generateSigningKey();
      await expect(writeKey(folder, id, key)).rejects.toThrow(TypeError);
      await expect(readKey(folder, id)).rejects.toThrow(TypeError);
      await expect(rotateKey(folder, id)).rejects.toThrow(TypeError);
      expect(await readdir(folder)).toEqual([]);
    },
  );
});

describe('a bad key names its file and stops, or is left out when told to,', () => {
  const bad: readonly [string, () => Promise<string>][] = [
    [
      'when it is cut off',
      async () => {
        await truncate(at('b'), 150);
        return 'b';
      },
    ],
    [
      'when it is empty',
      async () => {
        await truncate(at('b'), 0);
        return 'b';
      },
    ],
    [
      'when it is encrypted',
      async () => {
        await writeFile(at('b'), await openssl(['genpkey', '-algorithm', 'ed25519', '-aes256', '-pass', 'pass:x']));
        return 'b';
      },
    ],
    [
      'when the pair does not belong together',
      async () => {
        await writeFile(at('b.pem'), publicPem(await generateSigningKey()));
        return 'b.pem';
      },
    ],
    [
      'when the public half is cut off',
      async () => {
        await truncate(at('b.pem'), 100);
        return 'b.pem';
      },
    ],
    [
      'when it is too weak',
      async () => {
        await writeFile(at('b'), await openssl(['genrsa', '1024']));
        return 'b';
      },
    ],
    [
      'when it is something else',
      async () => {
        await writeFile(at('b'), 'x'.repeat(100_000));
        return 'b';
      },
    ],
  ];

  test.each(bad)('%s', async (_how, spoil) => {
    for (const id of ['a', 'b', 'c']) await writeKey(folder, id, await generateSigningKey());
    const path = at(await spoil());
    await expect(readKeyFolder(folder)).rejects.toMatchObject({
      code: 'key_invalid',
      message: expect.stringContaining(`"${path}"`),
      details: { path },
    });
    const warnings: string[] = [];
    const keys = await readKeyFolder(folder, { onBadKey: 'skip', warn: (message) => warnings.push(message) });
    expect(keys.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(warnings).toEqual([expect.stringContaining(path)]);
    expect(warnings.join()).not.toMatch(/[A-Za-z0-9+/]{64}/);
  });

  test('and no folder or no such key is key_not_found', async () => {
    await expect(readKeyFolder(at('none'))).rejects.toMatchObject({ code: 'key_not_found' });
    await expect(readKey(folder, 'none')).rejects.toMatchObject({ code: 'key_not_found' });
    await expect(rotateKey(folder, 'none')).rejects.toMatchObject({ code: 'key_not_found' });
  });
});

test.each([0o644, 0o640, 0o604, 0o620])('a private key of mode %o is read and warned of', async (mode) => {
  await writeKey(folder, 'a', await generateSigningKey());
  await chmod(at('a'), mode);
  const warnings: string[] = [];
  await readKeyFolder(folder, { warn: (message) => warnings.push(message) });
  expect(warnings).toEqual([
    `other users than the owner can read or change the private key "${at('a')}": run chmod 600 on it`,
  ]);
});

test('a JWK in the place of a PEM is read with its own kid', async () => {
  const key = await generateSigningKey('ES384', { kid: 'chosen' });
  await writeFile(at('jwk'), JSON.stringify(await privateJwk(key)), { mode: 0o600 });
  expect((await readKey(folder, 'jwk')).key).toMatchObject({ kid: 'chosen', alg: 'ES384' });
});

describe('a rotation in a folder', () => {
  test('signs with the new key, and tokens of the old ones can still be verified', async () => {
    const first = await generateSigningKey('RS256');
    await writeKey(folder, 'a', first);
    const jwt = await signCompact(first, { sub: 'vishpat', exp: 4_000_000_000 });
    const second = await rotateKey(folder, 'a');
    const third = await rotateKey(folder, 'a');
    const { key, replaced } = await readKey(folder, 'a');
    expect(key).toMatchObject({ kid: third.kid, alg: 'RS256' });
    expect(replaced.map(({ kid }) => kid).sort()).toEqual([first.kid, second.kid].sort());
    const keys = replaced.map(({ publicJwk }) => publicJwk);
    expect(await verifyToken(jwt, { algorithms: ['RS256'], keys })).toMatchObject({ valid: true });
    expect(() => replaced[0]?.sign(Buffer.from('x'))).toThrow(TypeError);
    expect((await readKeyFolder(folder)).map(({ id }) => id)).toEqual(['a']);
    expect(await openssl(['rsa', '-in', at('a'), '-check', '-noout'])).toContain('RSA key ok');
  });

  test('that was killed between its two files is read, and mended by the next one', async () => {
    const first = await generateSigningKey();
    await writeKey(folder, 'a', first);
    const second = await rotateKey(folder, 'a');
    await writeFile(at('a.pem'), publicPem(first));
    expect((await readKey(folder, 'a')).key.kid).toBe(second.kid);
    const third = await rotateKey(folder, 'a');
    expect(await readFile(at('a.pem'), 'utf8')).toBe(publicPem(third));
  });
});

test('processes that write to one folder at once lose no key, and readers see whole ones', async () => {
  const count = 8;
  const start = await generateSigningKey();
  await writeKey(folder, 'shared', start);
  const children = ['p', 'q', 'r'].map((name) =>
    startChild('../unit/issuer/keys/write-keys-child.ts', { folder, name, count }),
  );
  const all = Promise.all(children.map(({ started }) => started as Promise<{ kids: string[]; rotated: string[] }>));
  let running = true;
  void all.finally(() => {
    running = false;
  });
  while (running) await readKeyFolder(folder);
  const written = await all;
  const keys = await readKeyFolder(folder);
  expect(keys).toHaveLength(1 + 3 * count);
  expect(keys.map(({ key }) => key.kid)).toEqual(expect.arrayContaining(written.flatMap(({ kids }) => kids)));
  const { key, replaced } = await readKey(folder, 'shared');
  expect([key, ...replaced].map(({ kid }) => kid).sort()).toEqual(
    [start.kid, ...written.flatMap(({ rotated }) => rotated)].sort(),
  );
  expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
}, 60_000);
