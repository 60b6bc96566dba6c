import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { execa } from 'execa';
import { type StartedIssuer, startIssuer, type TlsFaultName, type TlsIdentity } from 'vaultproof/issuer';
import { tlsFaultNames } from 'vaultproof/issuer/faults';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../support/temporary-folder.js';

let identity: TlsIdentity;
let issuer: StartedIssuer;

beforeAll(async () => {
  identity = await generateTlsIdentity();
  issuer = await startIssuer({ tls: identity });
});
afterAll(() => issuer.stop());
beforeEach(() => issuer.tlsFaults.clear());

async function file(content: string): Promise<string> {
  const path = join(await temporaryFolder(), 'file.pem');
  await writeFile(path, content);
  return path;
}

/** What curl makes of the key set, with the right CA unless told otherwise. */
async function curl(options: readonly string[] = [], { url = issuer.jwksUrl, ca = identity.ca } = {}) {
  const args = ['-sS', '--max-time', '5', '--cacert', await file(ca), ...options, url];
  const { exitCode, stdout, stderr } = await execa('curl', args, { reject: false });
  return { exitCode, keys: stdout === '' ? undefined : JSON.parse(stdout).keys, stderr };
}

/** What openssl shows of a handshake, with the right CA and the address compared. */
async function handshake(...options: readonly string[]): Promise<string> {
  const { host } = new URL(issuer.url);
  const trust = ['-CAfile', await file(identity.ca), '-verify_ip', '127.0.0.1'];
  const shown = await execa('openssl', ['s_client', '-connect', host, ...trust, ...options], {
    input: '',
    reject: false,
  });
  return `${shown.stdout}\n${shown.stderr}`;
}

/** What openssl says of the certificate that is served, with all checks but those that are left out. */
async function verify(...options: readonly string[]): Promise<string> {
  const [served = ''] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(await handshake()) ?? [];
  const trust = options.includes('itself') ? ['-partial_chain', '-CAfile', await file(served)] : [];
  const all = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', await file(identity.ca), ...trust];
  const rest = options.filter((option) => option !== 'itself');
  const { stdout, stderr } = await execa('openssl', [...all, ...rest, await file(served)], { reject: false });
  return /error \d+ at \d+ depth lookup: (.*)/.exec(stderr)?.[1] ?? stdout.replace(/^.*: /, '');
}

const theKeys = () => issuer.keys.published().map(({ publicJwk }) => publicJwk);
const BY_ADDRESS = ['-verify_ip', '127.0.0.1'];

test('without a fault curl gets the key set, and openssl finds nothing wrong', async () => {
  expect(await curl()).toMatchObject({ exitCode: 0, keys: theKeys() });
  expect(await verify(...BY_ADDRESS)).toBe('OK');
});

describe.each<[TlsFaultName, string, readonly string[]]>([
  ['expired-certificate', 'certificate has expired', ['-no_check_time', ...BY_ADDRESS]],
  ['early-certificate', 'certificate is not yet valid', ['-no_check_time', ...BY_ADDRESS]],
  ['other-host', 'IP address mismatch', ['-verify_hostname', 'elsewhere.example']],
  ['unknown-ca', 'unable to get local issuer certificate', ['itself', ...BY_ADDRESS]],
  ['self-signed', 'self-signed certificate', ['itself', ...BY_ADDRESS]],
])('the certificate under the fault "%s"', (fault, words, withoutThatCheck) => {
  beforeEach(() => issuer.tlsFaults.set(fault));

  test('is refused by curl', async () => {
    expect(await curl()).toMatchObject({ exitCode: 60, keys: undefined });
  });

  test(`has one thing wrong for openssl: ${words}`, async () => {
    expect(await verify(...BY_ADDRESS)).toBe(words);
    expect(await verify(...withoutThatCheck)).toBe('OK');
  });

  test('is shown by a server that is right otherwise', async () => {
    expect(await curl(['--insecure'])).toMatchObject({ exitCode: 0, keys: theKeys() });
  });
});

test('"old-protocol" takes TLS 1.1 alone, with the right certificate', async () => {
  issuer.tlsFaults.set('old-protocol');
  expect(await curl()).toMatchObject({ exitCode: 35 });
  expect(await handshake('-tls1_2')).toContain('Cipher is (NONE)');
  expect(await handshake('-tls1_3')).toContain('Cipher is (NONE)');
  const old = ['--tlsv1.1', '--tls-max', '1.1', '--ciphers', 'DEFAULT@SECLEVEL=0'];
  expect(await curl(old)).toMatchObject({ exitCode: 0, keys: theKeys() });
  const shown = await handshake('-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0');
  expect(shown).toContain('TLSv1.1');
  expect(shown).toContain('Verify return code: 0 (ok)');
});

test('"cut-handshake" lets a client connect and say hello, and closes the connection in order', async () => {
  issuer.tlsFaults.set('cut-handshake');
  expect(await curl()).toMatchObject({ exitCode: 35 });
  const shown = await handshake();
  expect(shown).toContain('CONNECTED');
  expect(shown).toContain('SSL handshake has read 0 bytes');
  expect(shown).toContain('unexpected eof while reading');
});

test('"plain-http" answers without TLS, with the right key set', async () => {
  issuer.tlsFaults.set('plain-http');
  expect(await curl()).toMatchObject({ exitCode: 35, stderr: expect.stringContaining('wrong version number') });
  const url = issuer.jwksUrl.replace('https:', 'http:');
  expect(await curl([], { url })).toMatchObject({ exitCode: 0, keys: theKeys() });
});

test.each(tlsFaultNames)('"%s" may be there from the start, and is over when it is cleared', async (tlsFault) => {
  await using faulty = await startIssuer({ tls: identity, tlsFault });
  const url = faulty.jwksUrl;
  expect((await curl([], { url })).exitCode).toBeGreaterThan(0);
  faulty.tlsFaults.clear();
  expect(await curl([], { url })).toMatchObject({ exitCode: 0 });
});

test('a fault is also that of the listener for a server, and not of one more port', async () => {
  await using faulty = await startIssuer({ tls: identity, tlsFault: 'self-signed' });
  const server = { hostName: 'localhost', hostAddress: '127.0.0.1' };
  await faulty.listenFor(server);
  expect(await curl([], { url: faulty.jwksUrlFor(server) })).toMatchObject({ exitCode: 60 });
  const other = await faulty.listenOn(0, { tls: identity });
  expect(await curl([], { url: `${other}/.well-known/jwks.json` })).toMatchObject({ exitCode: 0 });
});

describe('a connection that a client keeps', () => {
  test('is cut when a fault is set, and again when it is cleared', async () => {
    const agent = new Agent({ keepAlive: true, ca: identity.ca });
    const fetched = (): Promise<string> =>
      new Promise((resolve) => {
        get(issuer.jwksUrl, { agent }, (answer) => answer.resume().once('end', () => resolve('ok')))
          // Node tells at the next request of a connection that was cut before it.
          .once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      });
    const closed = (): Promise<unknown> => {
      const [socket] = Object.values(agent.freeSockets).flat();
      return new Promise((resolve) => socket?.once('close', resolve));
    };
    expect(await fetched()).toBe('ok');
    const cut = closed();
    issuer.tlsFaults.set('expired-certificate');
    await cut;
    expect(await fetched()).toBe('CERT_HAS_EXPIRED');
    issuer.tlsFaults.clear();
    expect(await fetched()).toBe('ok');
    agent.destroy();
  });
});

test.each(['cut-handshake', 'plain-http', 'unknown-ca'] as const)(
  'an issuer under "%s" with a connection that says nothing can be stopped',
  async (tlsFault) => {
    const faulty = await startIssuer({ tls: identity, tlsFault });
    const { host } = new URL(faulty.url);
    const silent = execa('openssl', ['s_client', '-connect', host], { stdin: 'pipe', reject: false });
    await faulty.stop();
    silent.stdin?.end();
    await silent;
    await faulty.stop();
  },
);

describe('wrong use is', () => {
  test('a fault of an issuer without TLS', async () => {
    await expect(startIssuer({ tlsFault: 'plain-http' })).rejects.toThrow(TypeError);
    await using plain = await startIssuer();
    expect(() => plain.tlsFaults.set('expired-certificate')).toThrow(TypeError);
  });

  test('a name that there is not', () => {
    expect(() => issuer.tlsFaults.set('earthquake' as TlsFaultName)).toThrow(TypeError);
  });

  test("a certificate's fault with an identity of one's own, whose CA isn't there to sign it", async () => {
    const { key, cert, ca } = identity;
    await using own = await startIssuer({ tls: { key, cert, ca } });
    expect(() => own.tlsFaults.set('expired-certificate')).toThrow(TypeError);
    own.tlsFaults.set('old-protocol');
    expect(await curl([], { url: own.jwksUrl })).toMatchObject({ exitCode: 35 });
  });
});
