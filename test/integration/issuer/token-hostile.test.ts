import { join } from 'node:path';
import { execa } from 'execa';
import { decodeJwt } from 'jose';
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

test('token --hostile without the token that it breaks is wrong use', async () => {
  const { stderr, exitCode } = await cliInProcess(['token', '--key', 'x', '--hostile', 'alg-none']);
  expect(stderr).toContain('--hostile needs --key, --iss, --sub and --aud');
  expect(exitCode).toBe(2);
});
