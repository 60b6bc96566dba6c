import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { generateSigningKey } from 'vaultproof/issuer';
import { publicPem } from 'vaultproof/issuer/keys';
import { beforeEach, describe, expect, test } from 'vitest';
import { cli } from '../../../support/cli.js';
import { cliInProcess } from '../../../support/cli-in-process.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await temporaryFolder();
  // The lines of seed 001.
  await execa('bash', [
    '-c',
    'cd "$1" && openssl ecparam -name prime256v1 -genkey -noout -out key.pem && openssl ec -in key.pem -pubout -out public.pem',
    '-',
    folder,
  ]);
});

describe('key to-jwk', () => {
  test('makes a private JWK of the private PEM on standard input, as the container of seed 001 does', async () => {
    const pem = await readFile(at('key.pem'), 'utf8');
    const { stdout, stderr, exitCode } = await cli(['key', 'to-jwk'], { input: pem });
    const jwk = JSON.parse(stdout);
    expect(jwk).toEqual({
      kty: 'EC',
      crv: 'P-256',
      x: expect.stringMatching(/^[\w-]{43}$/),
      y: expect.stringMatching(/^[\w-]{43}$/),
      d: expect.stringMatching(/^[\w-]{43}$/),
      kid: expect.stringMatching(/^[\w-]{43}$/),
      use: 'sig',
      alg: 'ES256',
    });
    expect(stdout).not.toContain('\n');
    expect([stderr, exitCode]).toEqual(['', 0]);
    const fromFile = await cliInProcess(['key', 'to-jwk', '--kid', 'mine', at('key.pem')]);
    expect(JSON.parse(fromFile.stdout)).toEqual({ ...jwk, kid: 'mine' });
  });

  test('makes a public JWK of either half with --public', async () => {
    const [fromPrivate, fromPublic] = await Promise.all(
      ['key.pem', 'public.pem'].map((name) => cliInProcess(['key', 'to-jwk', '--public', at(name)])),
    );
    expect(Object.keys(JSON.parse(String(fromPrivate?.stdout))).sort()).toEqual([
      'alg',
      'crv',
      'kid',
      'kty',
      'use',
      'x',
      'y',
    ]);
    expect(fromPublic?.stdout).toBe(fromPrivate?.stdout);
  });

  test('masks what it prints under GitHub Actions, and shows nothing of a bad key', async () => {
    const pem = await readFile(at('key.pem'), 'utf8');
    const masked = await cliInProcess(['key', 'to-jwk'], { input: pem, env: { GITHUB_ACTIONS: 'true' } });
    expect(masked.stderr).toBe(`::add-mask::${masked.stdout}`);
    const bad = await cliInProcess(['key', 'to-jwk'], { input: pem.slice(0, 120) });
    expect(bad).toMatchObject({ exitCode: 1, stdout: '' });
    expect(bad.stderr).toBe('key_invalid: the key is cut off, its last line is missing: copy all of it');
  });
});

describe('key generate', () => {
  test('prints a PEM that openssl reads, or a JWK', async () => {
    const pem = await cliInProcess(['key', 'generate', '--alg', 'ES384']);
    const { stdout } = await execa('openssl', ['pkey', '-noout', '-text'], { input: pem.stdout });
    expect(stdout).toContain('secp384r1');
    const jwk = await cliInProcess(['key', 'generate', '--alg', 'EdDSA', '--format', 'jwk', '--kid', 'mine']);
    expect(JSON.parse(jwk.stdout)).toMatchObject({ kty: 'OKP', crv: 'Ed25519', kid: 'mine', alg: 'EdDSA' });
  });

  test('writes a file for its owner alone, and over no other one', async () => {
    const first = await cliInProcess(['key', 'generate', '--out', at('new.pem'), '--json']);
    expect(JSON.parse(first.stdout)).toEqual({
      kid: expect.stringMatching(/^[\w-]{43}$/),
      alg: 'ES256',
      path: at('new.pem'),
    });
    expect((await stat(at('new.pem'))).mode & 0o777).toBe(0o600);
    const again = await cliInProcess(['key', 'generate', '--out', at('new.pem'), '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'key_exists' } });
    expect(again.exitCode).toBe(1);
  });

  test('and rotate keep a folder', async () => {
    const options = ['--keys', at('keys'), '--id', 'kan_soki', '--json'];
    const made = JSON.parse((await cliInProcess(['key', 'generate', '--alg', 'RS256', ...options])).stdout);
    const rotated = JSON.parse((await cliInProcess(['key', 'rotate', ...options])).stdout);
    expect(rotated).toMatchObject({ alg: 'RS256', id: 'kan_soki', replaced: [made.kid] });
    expect((await readdir(at('keys'))).sort()).toEqual(['kan_soki', 'kan_soki.pem', `kan_soki.${made.kid}.pem`].sort());
    const shown = JSON.parse((await cliInProcess(['key', 'show', '--keys', at('keys'), '--json'])).stdout);
    expect(shown.keys.map(({ kid }: { kid: string }) => kid)).toEqual([rotated.kid, made.kid]);
    expect(shown.vault.jwt_supported_algs).toEqual(['RS256']);
    expect(shown.vault.jwt_validation_pubkeys).toHaveLength(2);
  });
});

describe('key show', () => {
  test('prints the public key in each shape', async () => {
    const pem = (await readFile(at('public.pem'), 'utf8')).trimEnd();
    const { stdout } = await cliInProcess(['key', 'show', at('key.pem')]);
    expect([...stdout.matchAll(/^# (.*)$/gm)].map(([, name]) => name)).toEqual([
      'pem',
      'jwks',
      'vault',
      'vault-cli',
      'consul',
      'consul-cli',
      'hcl',
      'cdktf',
    ]);
    expect(stdout).not.toContain('PRIVATE');
    expect((await cliInProcess(['key', 'show', '--as', 'vault-cli', at('public.pem')])).stdout).toBe(
      `vault write auth/jwt/config jwt_supported_algs=ES256 jwt_validation_pubkeys='${pem}'`,
    );
    expect((await cliInProcess(['key', 'show', '--as', 'hcl', at('public.pem')])).stdout).toBe(
      `resource "vault_jwt_auth_backend" "jwt" {
  path                   = "jwt"
  jwt_supported_algs     = ["ES256"]
  jwt_validation_pubkeys = ["${pem.replaceAll('\n', '\\n')}"]
}`,
    );
  });
});

describe('several keys', () => {
  const shapes = ['vault', 'consul', 'hcl', 'cdktf', 'vault-cli', 'consul-cli', 'pem', 'jwks'];

  test('of a key set are shown in every shape, and one for encryption is passed over and said', async () => {
    const [one, other, encryption] = await Promise.all([
      generateSigningKey('RS256', { kid: 'one' }),
      generateSigningKey('ES256', { kid: 'two' }),
      generateSigningKey('RS256'),
    ]);
    const keys = [{ ...encryption.publicJwk, kid: 'enc', use: 'enc', alg: 'RSA-OAEP' }, one.publicJwk, other.publicJwk];
    await writeFile(at('two.jwks'), JSON.stringify({ keys }));
    const { stdout, stderr } = await cliInProcess(['key', 'show', at('two.jwks'), '--json']);
    const shown = JSON.parse(stdout);
    expect(shown.keys).toEqual([
      { kid: 'one', alg: 'RS256' },
      { kid: 'two', alg: 'ES256' },
    ]);
    const pems = [one, other].map((key) => publicPem(key).trimEnd());
    expect(shown.vault).toEqual({ jwt_validation_pubkeys: pems, jwt_supported_algs: ['RS256', 'ES256'] });
    expect(shown.consul).toEqual({ JWTValidationPubKeys: pems, JWTSupportedAlgs: ['RS256', 'ES256'] });
    expect(stderr).toBe('the key "enc" is skipped: it is for encryption');
    for (const shape of shapes) {
      const text = (await cliInProcess(['key', 'show', at('two.jwks'), '--as', shape])).stdout;
      expect([shape, text.match(/BEGIN PUBLIC KEY|"kty"/g)?.length]).toEqual([shape, 2]);
    }
  });

  test('of a PEM file are shown', async () => {
    const keys = [await generateSigningKey('RS256'), await generateSigningKey()];
    await writeFile(at('two.pem'), keys.map((key) => publicPem(key)).join(''));
    const { stdout } = await cliInProcess(['key', 'show', at('two.pem'), '--as', 'vault']);
    expect(JSON.parse(stdout).jwt_supported_algs).toEqual(['RS256', 'ES256']);
    expect(await cliInProcess(['key', 'show', at('two.pem'), '--kid', 'mine'])).toMatchObject({
      exitCode: 2,
      stdout: '',
    });
    expect(await cliInProcess(['key', 'to-jwk', '--public', at('two.pem')])).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

test.each([
  ['no action', []],
  ['an unknown action', ['melt']],
  ['an unknown algorithm', ['generate', '--alg', 'none']],
  ['an unknown format', ['generate', '--format', 'der']],
  ['an unknown shape', ['show', '--as', 'xml', '/dev/null']],
  ['an option of another action', ['generate', '--public']],
  ['a file where none is taken', ['generate', 'key.pem']],
  ['a folder without an id', ['generate', '--keys', 'x']],
  ['an id that leaves the folder', ['generate', '--keys', 'x', '--id', '../y']],
  ['a file that is not there', ['to-jwk', '/nowhere/key.pem']],
])('key with %s is wrong use', async (_how, args) => {
  expect(await cliInProcess(['key', ...args])).toMatchObject({ exitCode: 2, stdout: '' });
});

test('a private key that others may read is warned of', async () => {
  await writeFile(at('open'), await readFile(at('key.pem')), { mode: 0o644 });
  await execa('rm', [at('key.pem'), at('public.pem')]);
  const { stderr, exitCode } = await cliInProcess(['key', 'show', '--keys', folder, '--as', 'pem']);
  expect(stderr).toBe(
    `other users than the owner can read or change the private key "${at('open')}": run chmod 600 on it`,
  );
  expect(exitCode).toBe(0);
});
