import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { generateSigningKey, startIssuer } from 'vaultproof/issuer';
import { privatePem } from 'vaultproof/issuer/keys';
import { checkTlsIdentity, generateTlsIdentity } from 'vaultproof/issuer/tls';
import { describe, expect, test } from 'vitest';
import { bePatient } from '../../../support/patience.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

bePatient();

async function written(identity: { key: string; cert: string; ca: string }) {
  const folder = await temporaryFolder();
  const paths = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem'), ca: join(folder, 'ca.pem') };
  await writeFile(paths.key, identity.key);
  await writeFile(paths.cert, identity.cert);
  await writeFile(paths.ca, identity.ca);
  return paths;
}

describe('a generated identity', () => {
  test('is accepted by openssl, strictly, for a TLS server of each name', async () => {
    const { ca, cert } = await written(
      await generateTlsIdentity({ names: ['issuer.example.com', '10.1.2.3', 'fd00::12:0:1'] }),
    );
    const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca];
    for (const name of ['localhost', 'host.docker.internal', 'issuer.example.com']) {
      expect((await execa('openssl', [...verify, '-verify_hostname', name, cert])).stdout).toBe(`${cert}: OK`);
    }
    for (const address of ['127.0.0.1', '::1', '10.1.2.3', 'fd00::12:0:1']) {
      expect((await execa('openssl', [...verify, '-verify_ip', address, cert])).stdout).toBe(`${cert}: OK`);
    }
    const other = await execa('openssl', [...verify, '-verify_hostname', 'example.com', cert], { reject: false });
    expect(other.stderr).toContain('hostname mismatch');
  });

  test('has the fields that openssl shows', async () => {
    const { ca, cert } = await written(await generateTlsIdentity({ now: 1_800_000_000 }));
    const show = async (path: string) => (await execa('openssl', ['x509', '-in', path, '-noout', '-text'])).stdout;
    const server = await show(cert);
    expect(server).toContain('Signature Algorithm: ecdsa-with-SHA256');
    expect(server).toContain('Not Before: Jan 15 07:00:00 2027 GMT');
    expect(server).toContain('Not After : Apr 15 08:00:00 2027 GMT');
    expect(server).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(server).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
    expect(server).toMatch(/Extended Key Usage:\s+TLS Web Server Authentication\n/);
    expect(server).toMatch(
      /IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost, DNS:host.docker.internal\n/,
    );
    const authority = await show(ca);
    expect(authority).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(authority).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    expect(authority).toContain('Not After : Jan 15 08:00:00 2028 GMT');
  });

  test('of the year 2050 is read with its time', async () => {
    const { cert } = await generateTlsIdentity({ now: 2_540_000_000 });
    expect(new X509Certificate(cert).validTo).toBe('Sep 26 03:33:20 2050 GMT');
  });

  test('is another one each time, under a CA of another name', async () => {
    const [one, other] = await Promise.all([generateTlsIdentity(), generateTlsIdentity()]);
    expect(new X509Certificate(one.ca).subject).not.toBe(new X509Certificate(other.ca).subject);
    expect(new X509Certificate(one.cert).serialNumber).not.toBe(new X509Certificate(other.cert).serialNumber);
    expect(() => checkTlsIdentity({ ...one, ca: other.ca })).toThrow('is not signed by the CA');
  });

  test('lets curl in with --cacert, and with nothing else', async () => {
    const identity = await generateTlsIdentity();
    const { ca } = await written(identity);
    const { ca: otherCa } = await written(await generateTlsIdentity());
    const server = createServer(identity, (_, response) => response.end('in')).listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as AddressInfo;
      for (const host of ['localhost', '127.0.0.1']) {
        const { stdout } = await execa('curl', ['-sS', '--cacert', ca, `https://${host}:${port}/`]);
        expect(stdout).toBe('in');
      }
      for (const trust of [[], ['--cacert', otherCa]]) {
        expect(await execa('curl', ['-s', ...trust, `https://localhost:${port}/`], { reject: false })).toMatchObject({
          exitCode: 60,
        });
      }
    } finally {
      server.close();
    }
  });

  test.each(['', 'a b', 'a,DNS:evil', 'x\n', '-a', '1.2.3.4.5/8', 'é'])('for the name %j is refused', async (name) => {
    await expect(generateTlsIdentity({ names: [name] })).rejects.toThrow(TypeError);
  });
});

describe("one's own identity", () => {
  test('as openssl makes it, self-signed, is taken, its certificate being the CA', async () => {
    const folder = await temporaryFolder();
    const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    await execa('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-keyout',
      keyPath,
      '-out',
      certPath,
    ]);
    const [key, cert] = await Promise.all([execa('cat', [keyPath]), execa('cat', [certPath])]);
    const identity = checkTlsIdentity({ key: key.stdout, cert: cert.stdout });
    expect(new X509Certificate(identity.ca).subject).toBe('CN=localhost');
  });

  test('is taken with its CA, or with the chain alone', async () => {
    const { key, cert, ca } = await generateTlsIdentity();
    expect(checkTlsIdentity({ key, cert, ca })).toEqual({ key, cert, ca });
    expect(checkTlsIdentity({ key, cert: cert + ca }).ca).toBe(ca);
  });

  test.each([
    ['another key', async () => ({ key: privatePem(await generateSigningKey()) })],
    ['no key', async () => ({ key: 'canary' })],
    ['no certificate', async () => ({ cert: 'canary' })],
    [
      'a certificate that is cut off',
      async () => ({ cert: '-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----' }),
    ],
    ['no CA in the CA', async () => ({ ca: 'canary' })],
    ['no CA at all', async () => ({ ca: undefined })],
  ])('with %s is refused', async (what, wrong) => {
    const good = await generateTlsIdentity();
    const { ca, ...rest } = { ...good, ...(await wrong()) };
    const check = () => checkTlsIdentity(ca === undefined ? rest : { ...rest, ca });
    if (what === 'no CA at all') return expect(check().ca).toBe(new X509Certificate(good.cert).toString());
    expect(check).toThrow(expect.objectContaining({ code: 'tls_invalid' }));
    expect(check).not.toThrow('canary');
  });
});

test('an issuer with "tls: true" makes its own identity', async () => {
  await using issuer = await startIssuer({ tls: true });
  expect(issuer.url).toMatch(/^https:/);
  const { ca } = await written({ key: '', cert: '', ca: issuer.caPem ?? '' });
  const { stdout } = await execa('curl', ['-s', '--cacert', ca, issuer.jwksUrl]);
  expect(JSON.parse(stdout)).toHaveProperty('keys');
});

test.each(['yes', {}, { key: 'x' }])('an issuer with "tls: %j" is wrong use', async (tls) => {
  await expect(startIssuer({ tls: tls as never })).rejects.toThrow('"tls" must be true, or an identity');
});
