import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import {
  type Environment,
  httpClient,
  loginToConsul,
  readConsulState,
  startConsul,
  startEnvironment,
} from 'vaultproof';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { ConsulJwtStack } from 'vaultproof/stacks/consul-jwt';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { findExecutable } from '../../harness/binaries/index.js';
import { cli } from '../support/cli.js';
import { engines, requiresEngine, runOn } from '../support/engines.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requiresProviders } from '../support/terraform-provider.js';
import { tlsClient } from '../support/tls-client.js';

const claims = { sub: 'vishpat', aud: 'consul' };

function declare(env: Environment) {
  return (app: ConstructorParameters<typeof ConsulJwtStack>[0]): ConsulJwtStack =>
    new ConsulJwtStack(app, 'ci', {
      name: 'ci',
      jwksUrl: env.issuer.jwksUrlFor(env.consul),
      boundIssuer: env.issuer.url,
      boundAudiences: ['consul'],
      claimMappings: { sub: 'user' },
      policies: [{ name: 'ci-reader', rules: 'key_prefix "app/" { policy = "read" }' }],
      bindingRules: [{ bindType: 'policy', bindName: 'ci-reader', selector: 'value.user == "vishpat"' }],
    });
}

describe.each(engines)('a consul with tls on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));

  test('answers by https alone, and takes a declaration, a login and its calls', async () => {
    await using env = await startEnvironment({ vault: false, consul: { ...runOn(engine, 'consul'), tls: true } });
    const { consul, issuer } = env;
    expect(consul.address).toMatch(/^https:\/\/[\d.]+:\d+$/);
    expect(consul.caPem).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    expect(await consul.request('GET', 'agent/self')).toMatchObject({ DebugConfig: { HTTPPort: -1, HTTPAddrs: [] } });

    await env.apply(declare(env));
    await consul.kv.write('app/colour', 'green');
    await using session = await consul.login({ jwt: await issuer.sign(claims), method: 'ci' });
    expect(await session.kv.read('app/colour')).toBe('green');
    await expect(session.kv.write('app/colour', 'red')).rejects.toMatchObject({ code: 'permission_denied' });
    const stranger = await issuer.sign({ ...claims, sub: 'mallory' });
    await expect(consul.login({ jwt: stranger, method: 'ci' })).rejects.toMatchObject({
      code: 'no_binding_rule_matched',
    });
  });
});

describe('a consul with tls', () => {
  let env: Environment;
  let folder: string;

  beforeAll(async () => {
    env = await startEnvironment({ vault: false, consul: { ...runOn('process', 'consul'), tls: true } });
    await env.apply(declare(env));
  });
  afterAll(() => env?.stop());
  beforeEach(async () => {
    folder = await temporaryFolder();
    await writeFile(join(folder, 'ca.pem'), String(env.consul.caPem));
    await writeFile(join(folder, 'other-ca.pem'), (await generateTlsIdentity()).ca);
  });

  test('is read back over https', async () => {
    expect(Object.keys(await readConsulState(env.consul))).toContain('acl/auth-method/ci');
  });

  test('lets curl in with its ca, and not without', async () => {
    const url = `${env.consul.address}/v1/status/leader`;
    const { stdout } = await execa('curl', ['-sS', '--cacert', join(folder, 'ca.pem'), url]);
    expect(stdout).toMatch(/^"127\.0\.0\.1:\d+"$/);
    const refused = await execa('curl', ['-sS', '--cacert', join(folder, 'other-ca.pem'), url], { reject: false });
    // 60: the peer's certificate can't be verified.
    expect(refused).toMatchObject({ exitCode: 60, stdout: '' });
  });

  test("lets consul's own command log in", async () => {
    const executable = String((await findExecutable('consul'))?.path);
    await writeFile(join(folder, 'jwt'), await env.issuer.sign(claims));
    const sink = join(folder, 'token');
    const consul = (ca: string, ...args: string[]) =>
      execa(executable, args, {
        reject: false,
        env: { CONSUL_HTTP_ADDR: env.consul.address, CONSUL_CACERT: join(folder, ca) },
      });
    const login = ['login', '-method=ci', `-bearer-token-file=${join(folder, 'jwt')}`, `-token-sink-file=${sink}`];
    expect(await consul('other-ca.pem', ...login)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('certificate signed by unknown authority'),
    });
    expect(await consul('ca.pem', ...login)).toMatchObject({ exitCode: 0 });
    expect(await consul('ca.pem', 'logout', `-token-file=${sink}`)).toMatchObject({ exitCode: 0 });
  });

  test('lets `login --consul` in with its ca, and says what is wrong without', async () => {
    const args = ['login', '--consul', '--method', 'ci', '--jwt', await env.issuer.sign(claims), '--json'];
    const to = [...args, '--address', env.consul.address];
    const named = await cli([...to, '--ca-file', join(folder, 'ca.pem')]);
    expect(JSON.parse(named.stdout)).toMatchObject({ found: 'ok', policies: ['ci-reader'] });
    const variables = { CONSUL_HTTP_ADDR: env.consul.address, CONSUL_CACERT: join(folder, 'ca.pem') };
    expect(JSON.parse((await cli(args, { env: variables })).stdout)).toMatchObject({ found: 'ok' });
    const without = await cli(to);
    expect(JSON.parse(without.stdout)).toMatchObject({ error: { code: 'certificate_untrusted' } });
    expect(without.exitCode).toBe(3);
  });

  test.each(['no CA', 'another CA'])(
    'is not trusted by a client with %s, whatever the environment says',
    async (kind) => {
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
      onTestFinished(() => {
        vi.unstubAllEnvs();
      });
      const jwt = await env.issuer.sign(claims);
      const http = tlsClient(env.consul.address, kind === 'no CA' ? undefined : (await generateTlsIdentity()).ca);
      const error = await loginToConsul(http, { jwt, method: 'ci' }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'certificate_untrusted',
        message: expect.stringContaining('give the CA that signed its certificate'),
        details: { method: 'POST', path: '/v1/acl/login', address: env.consul.address },
      });
      expect(String(error)).not.toContain(jwt);
    },
  );

  test('tells a client without tls that it speaks https', async () => {
    const http = httpClient(env.consul.address.replace('https:', 'http:'));
    onTestFinished(() => http.close());
    await expect(loginToConsul(http, { jwt: 'x.y.z', method: 'ci' })).rejects.toMatchObject({
      code: 'request_refused',
      details: { status: 400, errors: ['Client sent an HTTP request to an HTTPS server.'] },
    });
  });

  describe('by terraform', () => {
    beforeEach(requiresProviders('consul'));

    test('takes a declaration', async () => {
      const resource = {
        consul_acl_policy: { reader: { name: 'by-terraform', rules: 'key_prefix "app/" { policy = "read" }' } },
      };
      const terraform = { required_providers: { consul: { source: 'hashicorp/consul' } } };
      expect(await env.terraform.apply('deployed', { terraform, resource })).toMatchObject({ pending: [] });
      expect(await readConsulState(env.consul)).toHaveProperty('acl/policy/by-terraform');
    });
  });
});

test('a consul with a certificate of ones own is trusted by its ca', async () => {
  const { key, cert, ca } = await generateTlsIdentity();
  await using consul = await startConsul({ ...runOn('process', 'consul'), tls: { key, cert, ca } });
  expect(consul.caPem).toBe(ca);
  expect(await consul.request('GET', 'status/leader')).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(await consul.logTail(1_000)).not.toContain('PRIVATE KEY');
});

test('a key and a certificate that do not belong together start no consul', async () => {
  const [one, other] = await Promise.all([generateTlsIdentity(), generateTlsIdentity()]);
  await expect(startConsul({ tls: { ...one, key: other.key } })).rejects.toMatchObject({ code: 'tls_invalid' });
});

test('a certificate for another name starts no consul', async () => {
  const folder = await temporaryFolder();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=consul.invalid', '-addext', 'subjectAltName=DNS:consul.invalid'];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert];
  await execa('openssl', ['req', '-x509', '-days', '1', ...made, ...subject]);
  const pem = await readFile(cert, 'utf8');
  const tls = { key: await readFile(key, 'utf8'), cert: pem, ca: pem };
  await expect(startConsul({ ...runOn('process', 'consul'), tls })).rejects.toMatchObject({
    code: 'certificate_untrusted',
    message: expect.stringContaining('give the server a certificate for this address'),
  });
});
