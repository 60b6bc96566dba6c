import { join } from 'node:path';
import { execa } from 'execa';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { startIssuer } from 'vaultproof/issuer';
import { signDialect } from 'vaultproof/issuer/endpoints';
import { expect, test } from 'vitest';
import { cli } from '../../support/cli.js';
import { cliInProcess } from '../../support/cli-in-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const good = ['--iss', 'https://issuer.example', '--sub', 'vishpat', '--aud', 'damage_inc'];

test('token --hostile breaks the token in one thing', async () => {
  const key = join(await temporaryFolder(), 'key.pem');
  await execa('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key]);
  const none = await cli(['token', '--key', key, ...good, '--hostile', 'alg-none']);
  expect(none.exitCode).toBe(0);
  const [header = '', , signature] = none.stdout.split('.');
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg: 'none' });
  expect(signature).toBe('');

  const expired = ['--hostile', 'expired', '--claims', '{"team":"red"}'];
  const { stdout: bound } = await cliInProcess(['token', '--key', key, ...good, ...expired]);
  expect(decodeJwt(bound)).toMatchObject({ sub: 'vishpat', team: 'red' });

  const unknown = await cliInProcess(['token', '--key', key, ...good, '--hostile', 'friendly']);
  expect(unknown.stderr).toContain('unknown hostile token "friendly": expected one of "expired", ');
  expect(unknown.exitCode).toBe(2);
});

test('token --hostile has an issuer that runs break its own token', async () => {
  await using issuer = await startIssuer({ algorithms: ['RS256'], dialects: [signDialect()] });
  const asked = [
    'token',
    '--issuer',
    issuer.url,
    '--sub',
    'vishpat',
    '--aud',
    'damage_inc',
    '--claims',
    '{"team":"red"}',
  ];
  const { stdout, exitCode } = await cliInProcess([...asked, '--hostile', 'expired']);
  expect(exitCode).toBe(0);
  const { exp, ...claims } = decodeJwt(stdout);
  expect(claims).toMatchObject({ iss: issuer.url, sub: 'vishpat', aud: 'damage_inc', team: 'red' });
  expect(Number(exp)).toBeLessThan(issuer.clock.now());
  const [{ kid } = { kid: '' }] = issuer.keys.published();
  expect(decodeProtectedHeader(stdout).kid).toBe(kid);
  const der = await cliInProcess([...asked, '--hostile', 'der-signature']);
  expect([der.exitCode, der.stderr]).toEqual([
    1,
    expect.stringContaining('with 400: key_invalid: the hostile token "der-signature"'),
  ]);
  const chosen = await cliInProcess([...asked, '--hostile', 'expired', '--header', '{}']);
  expect([chosen.exitCode, chosen.stderr]).toEqual([2, expect.stringContaining('leave --header out')]);
  const withoutAudience = await cliInProcess(['token', '--issuer', issuer.url, '--sub', 'a', '--hostile', 'expired']);
  expect([withoutAudience.exitCode, withoutAudience.stderr]).toEqual([
    2,
    expect.stringContaining('--issuer, --sub and --aud'),
  ]);
});

test('token --hostile without the token that it breaks is wrong use', async () => {
  const { stderr, exitCode } = await cliInProcess(['token', '--key', 'x', '--hostile', 'alg-none']);
  expect(stderr).toContain('--hostile needs --key, --iss, --sub and --aud');
  expect(exitCode).toBe(2);
});
