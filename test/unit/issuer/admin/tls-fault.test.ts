import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type StartedIssuer, startIssuer } from 'vaultproof/issuer';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { adminClient } from '../../../support/admin-client.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const tls = await generateTlsIdentity();
let issuer: StartedIssuer;
beforeEach(async () => {
  issuer = await startIssuer({ admin: true, tls });
});
afterEach(() => issuer.stop());

/** Calls the API as somebody who takes any certificate: it is what is wrong. */
async function call(method: string, body?: object): Promise<unknown> {
  const { url, token } = issuer.admin ?? { url: '', token: '' };
  const { stdout } = await execa(
    'curl',
    [
      ...['-sSk', '-X', method, '-H', '@-', '-w', '\n%{http_code}', `${url}/tls-fault`],
      ...(body ? ['--json', JSON.stringify(body)] : []),
    ],
    { input: `Authorization: Bearer ${token}` },
  );
  const [status, text = ''] = stdout.split('\n').reverse();
  return { status: Number(status), body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

/** How curl ends that fetches the key set, with the right CA. */
async function fetchKeySet(): Promise<number | undefined> {
  const ca = join(await temporaryFolder(), 'ca.pem');
  await writeFile(ca, tls.ca);
  return (await execa('curl', ['-sS', '--cacert', ca, issuer.jwksUrl], { reject: false })).exitCode;
}

test('a fault is set once it is answered, is told, and is cleared', async () => {
  expect(await fetchKeySet()).toBe(0);
  expect(await call('GET')).toEqual({ status: 200, body: { name: null } });
  expect(await call('PUT', { name: 'expired-certificate' })).toEqual({
    status: 200,
    body: { name: 'expired-certificate' },
  });
  expect(await call('GET')).toEqual({ status: 200, body: { name: 'expired-certificate' } });
  // curl: "the peer's certificate was deemed not OK"
  expect(await fetchKeySet()).toBe(60);
  expect(await call('DELETE')).toEqual({ status: 204, body: undefined });
  expect(await fetchKeySet()).toBe(0);
});

test('a fault that shuts the API out, too, is for so many seconds and no more', async () => {
  expect(await call('PUT', { name: 'cut-handshake' })).toMatchObject({ status: 400 });
  expect(await call('PUT', { name: 'cut-handshake', seconds: 1 })).toMatchObject({ status: 200 });
  // curl: "a problem occurred somewhere in the SSL/TLS handshake"
  expect(await fetchKeySet()).toBe(35);
  await expect.poll(() => fetchKeySet(), { timeout: 10_000, interval: 100 }).toBe(0);
});

test('a fault that the certificate at hand can not have is refused', async () => {
  await using other = await startIssuer({ admin: true, tls: { key: tls.key, cert: tls.cert, ca: tls.ca } });
  await issuer.stop();
  issuer = other;
  expect(await call('PUT', { name: 'expired-certificate' })).toMatchObject({ status: 400 });
  expect(await fetchKeySet()).toBe(0);
});

test('an issuer over HTTP has no such thing', async () => {
  await using plain = await startIssuer({ admin: true });
  const callPlain = adminClient(plain.admin);
  expect(await callPlain('GET', '/tls-fault')).toMatchObject({ status: 404 });
  const { body } = await callPlain('GET', '/openapi.json');
  expect(Object.keys((body as { paths: object }).paths)).not.toContain('/tls-fault');
});
