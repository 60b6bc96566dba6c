import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Environment, httpClient, loginToVault, readVaultState, startEnvironment, startVault } from 'vaultproof';
import { generateTlsIdentity } from 'vaultproof/issuer/tls';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { test as withEnv } from 'vaultproof/vitest';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { cli } from '../support/cli.js';
import { engines, requiresEngine, runOn } from '../support/engines.js';
import { requires } from '../support/requirement.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requiresProviders } from '../support/terraform-provider.js';
import { tlsClient } from '../support/tls-client.js';
import { vaultCommand } from '../support/vault-command.js';

const claims = { sub: 'vishpat', aud: 'damage_inc' };

function declare(env: Environment) {
  return (app: ConstructorParameters<typeof VaultJwtStack>[0]): VaultJwtStack =>
    new VaultJwtStack(app, 'ci', {
      ...env.issuer.trustedBy(env.vault),
      roles: [
        {
          roleName: 'ci',
          boundAudiences: ['damage_inc'],
          boundSubject: 'vishpat',
          userClaim: 'sub',
          tokenPolicies: ['app-read'],
        },
      ],
      policies: [{ name: 'app-read', rules: [{ secrets: 'app/*', access: ['read'] }] }],
      kv: {},
    });
}

describe.each(engines)('a vault with tls on the engine %s', (engine) => {
  beforeEach(requiresEngine(engine));

  test('answers by https alone, and takes a declaration, a login and its calls', async () => {
    await using env = await startEnvironment({ vault: { ...runOn(engine, 'vault'), tls: true, auditLog: true } });
    const { vault, issuer } = env;
    expect(vault.address).toMatch(/^https:\/\/[\d.]+:\d+$/);
    expect(vault.caPem).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    const plain = httpClient(vault.address.replace('https:', 'http:'));
    onTestFinished(() => plain.close());
    expect(await plain.request('GET', '/v1/sys/health')).toMatchObject({
      status: 400,
      body: expect.stringContaining('Client sent an HTTP request to an HTTPS server.'),
    });

    await env.apply(declare(env));
    await vault.seed('kv/app/db', { password: 'correct horse' });
    const session = await vault.login({ jwt: await issuer.sign(claims), role: 'ci' });
    expect(await session.read('kv/app/db')).toEqual({ password: 'correct horse' });
    await expect(session.write('kv/app/db', {})).rejects.toMatchObject({ code: 'permission_denied' });
    const stranger = await issuer.sign({ ...claims, sub: 'mallory' });
    await expect(vault.login({ jwt: stranger, role: 'ci' })).rejects.toMatchObject({ code: 'subject_mismatch' });
    expect((await vault.auditLog()).length).toBeGreaterThan(10);
    expect(await vault.logTail(1_000)).not.toContain('PRIVATE KEY');
  });

  test('has what a dev server has at first', async () => {
    await using dev = await startVault(runOn(engine, 'vault'));
    await using tls = await startVault({ ...runOn(engine, 'vault'), tls: true });
    const mounts = async (vault: typeof dev): Promise<unknown> =>
      Object.keys(Object((await vault.request('GET', 'sys/mounts'))['data']));
    expect(await mounts(tls)).toEqual(await mounts(dev));
    for (const path of ['sys/metrics', 'sys/raw?list=true']) await tls.request('GET', path);
  });
});

describe('a vault with tls', () => {
  let env: Environment;
  let folder: string;

  beforeAll(async () => {
    env = await startEnvironment({ vault: { engine: 'process', tls: true } });
    await env.apply(declare(env));
  });
  afterAll(() => env?.stop());
  beforeEach(async () => {
    folder = await temporaryFolder();
    await writeFile(join(folder, 'ca.pem'), String(env.vault.caPem));
    await writeFile(join(folder, 'other-ca.pem'), (await generateTlsIdentity()).ca);
  });

  test('is read back over https', async () => {
    expect(Object.keys(await readVaultState(env.vault))).toContain('auth/jwt/role/ci');
  });

  test("lets vault's own command in by VAULT_CACERT, and not with another CA", async () => {
    const command = join(await vaultCommand(env.vault), 'vault');
    const status = (ca: string) =>
      execa(command, ['status', '-format=json'], {
        reject: false,
        env: { VAULT_ADDR: env.vault.address, VAULT_CACERT: join(folder, ca) },
      });
    expect(JSON.parse((await status('ca.pem')).stdout)).toMatchObject({ initialized: true, sealed: false });
    expect(await status('other-ca.pem')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('certificate signed by unknown authority'),
    });
  });

  test('lets `login` in with its ca, and says what is wrong without', async () => {
    const args = ['login', '--role', 'ci', '--jwt', await env.issuer.sign(claims), '--json'];
    const variables = { VAULT_ADDR: env.vault.address, VAULT_CACERT: join(folder, 'ca.pem') };
    expect(JSON.parse((await cli(args, { env: variables })).stdout)).toMatchObject({ found: 'ok' });
    const without = await cli([...args, '--address', env.vault.address]);
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
      const http = tlsClient(env.vault.address, kind === 'no CA' ? undefined : (await generateTlsIdentity()).ca);
      const error = await loginToVault(http, { jwt, role: 'ci' }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'certificate_untrusted',
        message: expect.stringContaining('give the CA that signed its certificate'),
        details: { method: 'POST', path: '/v1/auth/jwt/login', address: env.vault.address },
      });
      expect(String(error)).not.toContain(jwt);
    },
  );

  test('gives its CA to what Terraform runs, as VAULT_CACERT', async (context) => {
    await requires('terraform')(context);
    const answer = join(folder, 'answer.json');
    // Terraform has this resource without a provider.
    const command = `curl -sS --cacert "$VAULT_CACERT" "$VAULT_ADDR/v1/sys/seal-status" >${answer}`;
    await using own = await startEnvironment({
      vault: { engine: 'process', tls: true },
      terraform: { allowProvisioners: ['local-exec'] },
    });
    const resource = { terraform_data: { asked: { provisioner: [{ 'local-exec': { command } }] } } };
    await own.terraform.apply('asked', { resource });
    expect(JSON.parse(await readFile(answer, 'utf8'))).toMatchObject({ sealed: false });
  });

  describe('by terraform', () => {
    beforeEach(requiresProviders('vault'));

    test('takes a declaration', async () => {
      const resource = { vault_policy: { reader: { name: 'by-terraform', policy: 'path "x" {}' } } };
      const terraform = { required_providers: { vault: { source: 'hashicorp/vault' } } };
      expect(await env.terraform.apply('deployed', { terraform, resource })).toMatchObject({ pending: [] });
      expect(await readVaultState(env.vault)).toHaveProperty(['sys/policies/acl/by-terraform']);
    });
  });
});

describe('the fixture', () => {
  withEnv.override({ services: { vault: { tls: true } } });

  withEnv('starts a vault with tls where services ask for it', async ({ env }) => {
    expect(new URL(env.vault.address).protocol).toBe('https:');
    await env.vault.request('GET', 'sys/mounts');
  });
});

test('a vault with a certificate of ones own is trusted by its ca', async () => {
  const { key, cert, ca } = await generateTlsIdentity();
  await using vault = await startVault({ engine: 'process', tls: { key, cert, ca } });
  expect(vault.caPem).toBe(ca);
  await vault.request('GET', 'sys/mounts');
});

test('a vault with tls is asked for by one option', async () => {
  await using env = await startEnvironment({ vault: { tls: true } });
  expect(env.vault.caPem).toBeDefined();
});

test('a key and a certificate that do not belong together start no vault', async () => {
  const [one, other] = await Promise.all([generateTlsIdentity(), generateTlsIdentity()]);
  await expect(startVault({ tls: { ...one, key: other.key } })).rejects.toMatchObject({ code: 'tls_invalid' });
});

test('a certificate for another name starts no vault', async () => {
  const folder = await temporaryFolder();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=vault.invalid', '-addext', 'subjectAltName=DNS:vault.invalid'];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert];
  await execa('openssl', ['req', '-x509', '-days', '1', ...made, ...subject]);
  const pem = await readFile(cert, 'utf8');
  const tls = { key: await readFile(key, 'utf8'), cert: pem, ca: pem };
  await expect(startVault({ engine: 'process', tls })).rejects.toMatchObject({
    code: 'certificate_untrusted',
    message: expect.stringContaining('give the server a certificate for this address'),
  });
});
