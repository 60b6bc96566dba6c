import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { generateSigningKey, startIssuer } from 'vaultproof/issuer';
import { signDialect, tokenDialect } from 'vaultproof/issuer/endpoints';
import { privatePem, publicPem } from 'vaultproof/issuer/keys';
import { beforeEach, describe, expect, test } from 'vitest';
import { cli } from '../../../support/cli.js';
import { cliInProcess } from '../../../support/cli-in-process.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

let folder: string;
const at = (name: string): string => join(folder, name);
const now = (): number => Math.floor(Date.now() / 1000);
const vishpat = ['--sub', 'vishpat', '--aud', 'damage_inc'];

beforeEach(async () => {
  folder = await temporaryFolder();
  const key = await generateSigningKey();
  await writeFile(at('key.pem'), privatePem(key));
  await writeFile(at('public.pem'), publicPem(key));
});

async function mint(...options: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await cliInProcess(['token', ...options]);
  expect([stderr, exitCode]).toEqual(['', 0]);
  return stdout;
}
async function verdict(jwt: string, ...options: string[]): Promise<unknown> {
  const { stdout, exitCode } = await cliInProcess(['verify', '--json', ...options], { input: `${jwt}\n` });
  const answer = JSON.parse(stdout);
  expect(exitCode).toBe(answer.valid ? 0 : 1);
  return answer.valid ? 'valid' : answer.code;
}

/** The steps of seed 002: `cp .env.example .env`, `openssl rand -base64 64`, and what it prints into KEY. */
async function followSeed002(): Promise<string> {
  await copyFile(fileURLToPath(new URL('../../../../.env.example', import.meta.url)), at('.env'));
  const { stdout: secret } = await execa('openssl', ['rand', '-base64', '64']);
  const text = await readFile(at('.env'), 'utf8');
  expect(text).toMatch(/^KEY=$/m);
  await writeFile(at('.env'), text.replace(/^KEY=$/m, `KEY=${secret}`));
  return at('.env');
}

describe('token', () => {
  test('prints a token of the claims and header that it is told', async () => {
    await writeFile(at('claims.json'), '{"groups":["a"],"sub":"mallory","nested":{"x":null}}');
    const iat = now();
    const jwt = await mint(
      ...['--key', at('key.pem'), ...vishpat, '--iss', 'https://issuer.example', '--expires-in', '60'],
      ...['--claims', `@${at('claims.json')}`, '--kid', 'mine', '--header', '{"typ":"at+jwt"}'],
    );
    const { jti, iat: issued, exp, ...claims } = decodeJwt(jwt);
    expect(claims).toEqual({
      sub: 'vishpat',
      aud: 'damage_inc',
      iss: 'https://issuer.example',
      groups: ['a'],
      nested: { x: null },
    });
    expect(issued).toBeGreaterThanOrEqual(iat);
    expect(exp).toBe(Number(issued) + 60);
    expect(jti).toMatch(/^[0-9a-f-]{36}$/);
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'ES256', kid: 'mine', typ: 'at+jwt' });
    expect(await verdict(jwt, '--key', at('public.pem'))).toBe('valid');
  });

  test('fills placeholders of a template in', async () => {
    const template = '{"email":"{{sub}}@{{org}}.example","org":null,"exp":"{{now + 60}}"}';
    const jwt = await mint('--key', at('key.pem'), '--sub', 'a', '--claims', '{"org":"b"}', '--template', template);
    const { email, org, exp = 0, iat = 0 } = decodeJwt(jwt);
    expect({ email, org, lifetime: exp - iat }).toEqual({ email: 'a@b.example', org: undefined, lifetime: 60 });
  });

  test('has no aud and no iss unless told to, and leaves out what is null', async () => {
    const jwt = await mint('--key', at('key.pem'), '--sub', 'a', '--claims', '{"jti":null,"exp":null}');
    expect(Object.keys(decodeJwt(jwt)).sort()).toEqual(['iat', 'sub']);
  });

  test('signs a payload byte for byte', async () => {
    const jwt = await mint('--key', at('key.pem'), '--payload', '{ "sub":"a","sub":"b" }');
    expect(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()).toBe('{ "sub":"a","sub":"b" }');
    expect(await verdict(jwt, '--key', at('public.pem'))).toBe('token_malformed');
  });

  test('comes from the token endpoint of an issuer that runs', async () => {
    await using issuer = await startIssuer({ dialects: [tokenDialect()] });
    const jwt = await mint('--issuer', issuer.url, ...vishpat);
    expect(decodeJwt(jwt)).toMatchObject({ iss: issuer.url, sub: 'vishpat', aud: 'damage_inc' });
    expect(await verdict(jwt, '--jwks', issuer.jwksUrl)).toBe('valid');
    await using other = await startIssuer();
    const refused = await cliInProcess(['token', '--json', '--issuer', other.url, '--sub', 'a']);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'request_refused' } });
    const nobody = await cliInProcess(['token', '--json', '--issuer', 'http://127.0.0.1:1', '--sub', 'a']);
    expect(JSON.parse(nobody.stdout)).toMatchObject({ error: { code: 'request_failed' } });
  });

  test('of other claims comes from an issuer that runs, too, by its clock and its keys', async () => {
    await using issuer = await startIssuer({
      dialects: [tokenDialect(), signDialect()],
      algorithms: ['ES256', 'RS256'],
    });
    issuer.clock.advance(3_600);
    const jwt = await mint(
      ...['--issuer', issuer.url, ...vishpat, '--claims', '{"groups":["a"]}', '--expires-in', '60', '--alg', 'RS256'],
      ...['--header', '{"typ":"at+jwt"}', '--template', '{"email":"{{sub}}@b.example"}'],
    );
    const { iat = 0, exp = 0, ...claims } = decodeJwt(jwt);
    expect(claims).toMatchObject({ iss: issuer.url, sub: 'vishpat', aud: 'damage_inc', groups: ['a'] });
    expect([claims['email'], exp - iat]).toEqual(['vishpat@b.example', 60]);
    expect(iat).toBeGreaterThan(now() + 3_000);
    expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
    expect(await verdict(jwt, '--jwks', issuer.jwksUrl, '--leeway', '4000')).toBe('valid');
    const refused = await cliInProcess([
      'token',
      '--json',
      '--issuer',
      issuer.url,
      '--sub',
      'a',
      '--claims',
      '{"iat":"x"}',
    ]);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'request_refused' } });
  });

  test('is one JSON object with --json, and masked under GitHub Actions', async () => {
    const { stdout, stderr } = await cli(['token', '--json', '--key', at('key.pem'), '--sub', 'a'], {
      env: { GITHUB_ACTIONS: 'true' },
    });
    expect(stderr).toBe(`::add-mask::${JSON.parse(stdout).token}`);
  });

  test.each([
    ['nothing that signs', ['--sub', 'a']],
    ['two things that sign', ['--key', 'a', '--secret-env', 'b', '--sub', 'a']],
    ['a file that is not there', ['--key', '/nowhere', '--sub', 'a']],
    ['claims that are no object, for an issuer that runs', ['--issuer', 'http://127.0.0.1:1', '--claims', '[1]']],
    ['no sub', ['--key', 'KEY']],
    ['an algorithm that the key has not', ['--key', 'KEY', '--sub', 'a', '--alg', 'RS256']],
    ['an unknown algorithm', ['--key', 'KEY', '--sub', 'a', '--alg', 'none']],
    ['claims that are no object', ['--key', 'KEY', '--claims', '[1]']],
    ['claims that are no JSON', ['--key', 'KEY', '--claims', '{canary']],
    ['a header that says another algorithm', ['--key', 'KEY', '--sub', 'a', '--hostile', 'expired', '--header', '{}']],
    ['a template that wants what is not there', ['--key', 'KEY', '--sub', 'a', '--template', '{"x":"{{email}}"}']],
    ['a lifetime that is no number', ['--key', 'KEY', '--sub', 'a', '--expires-in', '1h']],
    ['a payload and claims', ['--key', 'KEY', '--payload', '{}', '--sub', 'a']],
  ])('with %s is wrong use', async (_how, args) => {
    const { exitCode, stdout, stderr } = await cliInProcess([
      'token',
      ...args.map((arg) => (arg === 'KEY' ? at('key.pem') : arg)),
    ]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).not.toContain('canary');
  });
});

describe('seed 002', () => {
  test('a token of the shared secret in a .env file verifies with it, and with no other', async () => {
    const env = await followSeed002();
    const jwt = await mint('--secret-env', env, ...vishpat);
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(await verdict(jwt, '--env', env, '--aud', 'damage_inc')).toBe('valid');
    await writeFile(at('other.env'), `KEY=${'x'.repeat(88)}\n`);
    expect(await verdict(jwt, '--env', at('other.env'))).toBe('signature_invalid');
    const stronger = await mint('--secret-env', env, ...vishpat, '--alg', 'HS512');
    expect(await verdict(stronger, '--env', env)).toBe('algorithm_not_allowed');
    expect(await verdict(stronger, '--env', env, '--alg', 'HS256,HS512')).toBe('valid');
  });

  test('an expired token passes with a leeway and fails without one', async () => {
    const env = await followSeed002();
    const claims = JSON.stringify({ iat: now() - 60, exp: now() - 3 });
    for (const [signer, key] of [
      [
        ['--secret-env', env],
        ['--env', env],
      ],
      [
        ['--key', at('key.pem')],
        ['--key', at('public.pem')],
      ],
    ] as const) {
      const jwt = await mint(...signer, ...vishpat, '--claims', claims);
      expect(await verdict(jwt, ...key, '--leeway', '30')).toBe('valid');
      expect(await verdict(jwt, ...key)).toBe('token_expired');
    }
  });

  test('a .env file that still has no KEY is wrong use', async () => {
    await copyFile(fileURLToPath(new URL('../../../../.env.example', import.meta.url)), at('.env'));
    expect(await cliInProcess(['token', '--secret-env', at('.env'), '--sub', 'a'])).toMatchObject({
      exitCode: 2,
      stdout: '',
    });
  });
});

describe('verify', () => {
  test('takes a key set from an issuer or a file, and names the check that failed', async () => {
    await using issuer = await startIssuer({ algorithms: ['ES256', 'RS256'] });
    const jwt = await issuer.sign({ sub: 'vishpat', aud: ['damage_inc', 'other'] });
    const set = ['--jwks', issuer.jwksUrl];
    await writeFile(at('jwks.json'), await (await fetch(issuer.jwksUrl)).text());
    const stranger = await issuer.sign({ sub: 'a', aud: 'b' }, { key: await generateSigningKey() });
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${jwt.split('.')[1]}.`;
    const seen = await Promise.all([
      verdict(jwt, ...set, '--iss', issuer.url, '--aud', 'other', '--sub', 'vishpat'),
      verdict(jwt, '--jwks', at('jwks.json')),
      verdict(jwt, ...set, '--iss', `${issuer.url}/`),
      verdict(jwt, ...set, '--sub', 'mallory'),
      verdict(jwt, ...set, '--aud', 'Damage_Inc'),
      verdict(jwt, ...set, '--alg', 'RS256'),
      verdict(stranger, ...set),
      verdict(none, ...set),
      verdict(`${jwt.slice(0, -8)}AAAAAAAA`, ...set),
      verdict('abc', ...set),
    ]);
    expect(seen).toEqual([
      'valid',
      'valid',
      'issuer_mismatch',
      'subject_mismatch',
      'audience_mismatch',
      'algorithm_not_allowed',
      'unknown_key',
      'algorithm_not_allowed',
      'signature_invalid',
      'token_malformed',
    ]);
  });

  test('still takes --issuer, --audience and --subject', async () => {
    const jwt = await mint('--key', at('key.pem'), ...vishpat, '--iss', 'https://issuer.example');
    const key = ['--key', at('public.pem')];
    expect(await verdict(jwt, ...key, '--issuer', 'https://elsewhere.example')).toBe('issuer_mismatch');
    expect(await verdict(jwt, ...key, '--audience', 'other')).toBe('audience_mismatch');
    expect(await verdict(jwt, ...key, '--subject', 'mallory')).toBe('subject_mismatch');
  });

  test('says of a key set what the servers make of it, and of an empty one that it is empty', async () => {
    const jwt = await mint('--key', at('key.pem'), ...vishpat);
    const keys = [{ kty: 'AKP', kid: 'new', alg: 'ML-DSA-44', pub: 'AAAA' }];
    await writeFile(at('odd.jwks'), JSON.stringify({ keys }));
    const odd = await cliInProcess(['verify', jwt, '--jwks', at('odd.jwks')]);
    expect(odd.stderr.split('\n')[0]).toBe(
      'warning: the key "new" has a "kty" that they don\'t know ("AKP"): Vault and Consul refuse the whole key set because of it',
    );
    expect(odd.stderr).toContain('unknown_key: no key has this kid (expected ["new"], found "');
    await writeFile(at('empty.jwks'), '{"keys":[]}');
    const empty = await cliInProcess(['verify', jwt, '--jwks', at('empty.jwks')]);
    expect(empty.stderr).toMatch(/^unknown_key: the key set is empty \(expected \[\], found "/);
    expect(await verdict('', '--key', at('public.pem'))).toBe('token_missing');
  });

  test('takes all keys of a file that --key names: several PEMs, or a key set', async () => {
    const keys = [await generateSigningKey('RS256'), await generateSigningKey('ES256')];
    await writeFile(at('two.pem'), keys.map((key) => publicPem(key)).join(''));
    await writeFile(at('two.jwks'), JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }));
    for (const key of keys) {
      await writeFile(at('one.pem'), privatePem(key));
      const jwt = await mint('--key', at('one.pem'), ...vishpat);
      expect(await verdict(jwt, '--key', at('two.pem'))).toBe('valid');
      expect(await verdict(jwt, '--key', at('two.jwks'))).toBe('valid');
    }
  });

  test('says it to people, too, and never shows the token', async () => {
    const jwt = await mint('--key', at('key.pem'), ...vishpat);
    const good = await cli(['verify', jwt, '--key', at('public.pem')]);
    expect(JSON.parse(good.stdout)).toMatchObject({ sub: 'vishpat', aud: 'damage_inc' });
    expect([good.stderr, good.exitCode]).toEqual(['the token holds', 0]);
    const bad = await cliInProcess(['verify', jwt, '--key', at('public.pem'), '--subject', 'mallory']);
    expect(bad).toMatchObject({ exitCode: 1, stdout: '' });
    expect(bad.stderr).toBe('subject_mismatch: "sub" is another (expected "mallory", found "vishpat")');
  });

  test('does not take a public key for a shared secret', async () => {
    const secret = (await readFile(at('public.pem'), 'utf8')).replaceAll('\n', '');
    await writeFile(at('.env'), `KEY="${secret}"\n`);
    const jwt = await mint('--secret-env', at('.env'), ...vishpat);
    expect(await verdict(jwt, '--key', at('public.pem'))).toBe('algorithm_not_allowed');
    expect(await verdict(jwt, '--key', at('public.pem'), '--alg', 'HS256')).toBe('algorithm_not_allowed');
  });

  test('ends with 3 where nobody serves the key set, which is no verdict on the token', async () => {
    const { stdout, exitCode } = await cliInProcess(['verify', '--json', 'a.b.c', '--jwks', 'http://127.0.0.1:1/jwks']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'request_failed' } });
    expect(exitCode).toBe(3);
  });

  test('says when the key set can’t be used', async () => {
    await writeFile(at('jwks.json'), '{"keys":1}');
    for (const jwks of [at('jwks.json'), at('public.pem')]) {
      const { stdout, exitCode } = await cliInProcess(['verify', '--json', 'a.b.c', '--jwks', jwks]);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'key_set_unavailable' } });
      expect(exitCode).toBe(1);
    }
  });

  test('reads no key set of more than 1 MiB', async () => {
    await using issuer = await startIssuer({ faults: { jwks: 'huge' } });
    const { stdout, exitCode } = await cliInProcess(['verify', '--json', 'a.b.c', '--jwks', issuer.jwksUrl]);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'key_set_unavailable' } });
    expect(exitCode).toBe(1);
  });

  test.each([
    ['nothing to verify with', ['a.b.c']],
    ['two things to verify with', ['a.b.c', '--env', 'x', '--key', 'y']],
    ['two tokens', ['a.b.c', 'd.e.f', '--key', 'x']],
    ['a leeway that is no number', ['a.b.c', '--key', 'x', '--leeway', 'soon']],
    ['an unknown algorithm', ['a.b.c', '--key', 'KEY', '--alg', 'none']],
  ])('with %s is wrong use', async (_how, args) => {
    const { exitCode, stdout } = await cliInProcess([
      'verify',
      ...args.map((arg) => (arg === 'KEY' ? at('public.pem') : arg)),
    ]);
    expect([exitCode, stdout]).toEqual([2, '']);
  });
});
