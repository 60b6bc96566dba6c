import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Environment, startEnvironment, startVault, startVaultCluster } from 'vaultproof';
import { VaultJwtStack } from 'vaultproof/stacks/vault-jwt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startChild } from '../support/child.js';
import { prepared } from '../support/prepared.js';
import { type RemoteDocker, remoteDockerIsMissing, startRemoteDocker } from '../support/remote-docker.js';
import { requires } from '../support/requirement.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { testImage } from '../support/test-image.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const PATIENCE_MS = 120_000;
const OFTEN = { timeout: 15_000, interval: 10 };

/** Logs in with a token of the issuer's, whose keys the Vault has to fetch. */
async function logIn({ vault, issuer, apply }: Environment): Promise<readonly string[]> {
  await apply(
    (app) =>
      new VaultJwtStack(app, 'demo', {
        kv: {},
        jwksUrl: issuer.jwksUrlFor(vault),
        boundIssuer: issuer.url,
        roles: [
          { roleName: 'reader', boundSubject: 'vishpat', boundAudiences: ['damage_inc'], tokenPolicies: ['reader'] },
        ],
        policies: [{ name: 'reader', policy: 'path "kv/data/*" { capabilities = ["read"] }' }],
      }),
  );
  return (await vault.login({ jwt: await issuer.sign({ sub: 'vishpat', aud: 'damage_inc' }) })).policies;
}

describe('an engine on another host', () => {
  let docker: RemoteDocker;
  let image: string;

  beforeAll(async () => {
    if (remoteDockerIsMissing() !== undefined) return;
    docker = await startRemoteDocker();
    vi.stubEnv('DOCKER_HOST', docker.host);
    image = await testImage(prepared().vault.product, () => {});
  }, PATIENCE_MS);
  afterAll(() => docker?.stop(), PATIENCE_MS);

  beforeEach(async (context) => {
    await requires('docker-remote')(context);
    vi.stubEnv('DOCKER_HOST', docker.host);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('runs a Vault that fetches the keys of the issuer here', async () => {
    await using env = await startEnvironment({ vault: { engine: 'docker', image } });
    expect(await logIn(env)).toEqual(['default', 'reader']);
    expect(new URL(env.vault.address).hostname).toBe(docker.address);
    expect(env.vault.engineReason).toContain(
      `docker is on another host: the server's port is published there on ${docker.address}`,
    );
  });

  test('publishes it on the one address that this host knows, and is shown the keys on one of this host alone', async () => {
    await using env = await startEnvironment({ vault: { engine: 'docker', image } });
    const { port } = new URL(env.vault.address);
    expect(docker.run('ss', '-Htln', `sport = :${port}`)).toMatch(new RegExp(`${docker.address}:${port}`));
    expect(docker.run('ss', '-Htln', `sport = :${port}`).trim().split('\n')).toHaveLength(1);
    const keys = new URL(env.issuer.jwksUrlFor(env.vault));
    expect((await fetch(`http://${docker.thisAddress}:${keys.port}${keys.pathname}`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${keys.port}${keys.pathname}`)).rejects.toThrow('fetch failed');
  });

  test('answers for no vendor, so that no proxy is opened to a network', async () => {
    const impersonate = ['https://gitlab.com'];
    await expect(startEnvironment({ vault: { engine: 'docker', image }, impersonate })).rejects.toMatchObject({
      code: 'impersonation_unsupported',
      message: expect.stringContaining('docker is on another host'),
    });
    expect(docker.containers()).toEqual([]);
    const listening = await execa('ss', ['-Htln', 'src', docker.thisAddress]);
    expect(listening.stdout).toBe('');
  });

  test('has no cluster, whose nodes would be reached from its network', async () => {
    await expect(startVaultCluster({ engine: 'docker', image })).rejects.toMatchObject({
      code: 'docker_unavailable',
      message: expect.stringMatching(/^the nodes of a cluster can't reach each other there: docker is on another host/),
    });
    expect(docker.containers()).toEqual([]);
  });

  test('keeps no container of a process that was killed', async () => {
    const services = { vault: { engine: 'docker', image } };
    const child = startChild('environment-child.ts', { services, ending: 'wait' });
    onTestFinished(() => child.kill('SIGKILL'));
    await child.started;
    expect(docker.containers()).toHaveLength(1);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(docker.containers()).toEqual([]), OFTEN);
  });

  test('that is known by a translated address publishes on all of its addresses, and says so', async () => {
    const child = startChild(
      'where-it-runs-child.ts',
      { image },
      { env: { DOCKER_HOST: `tcp://${docker.translatedAddress}:2375` } },
    );
    expect(await child.started).toMatchObject({
      address: expect.stringContaining(docker.translatedAddress),
      engineReason: expect.stringContaining('is a translated address, so that the port is published on all'),
      policies: ['default'],
    });
  });

  test('and outside the container that this runs in has a Vault on its network', async () => {
    // The image has nothing but a Vault: what Node needs is lent from this host, and the engine's socket with it.
    const lent = ['/usr', '/bin', '/lib', '/lib64', dirname(process.execPath), root].filter((path) => existsSync(path));
    const mounts = [...lent.map((path) => `${path}:${path}:ro`), `${docker.socket}:/var/run/docker.sock`];
    const child = join(root, 'test/support/where-it-runs-child.ts');
    const node = [image, '--import', 'tsx', child, JSON.stringify({ image })];
    const { stdout } = await execa('docker', [
      `--host=unix://${docker.socket}`,
      ...['run', '--rm', `--workdir=${root}`, `--entrypoint=${process.execPath}`, '--env=HOME=/tmp'],
      ...['--env=PATH=/usr/local/bin:/usr/bin:/bin', '--env=TESTCONTAINERS_RYUK_DISABLED=true'],
      ...Object.entries(prepared().env).map(([name, value]) => `--env=${name}=${value}`),
      ...mounts.map((mount) => `--volume=${mount}`),
      ...node,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      engineReason: expect.stringContaining('docker is outside this container'),
      policies: ['default'],
    });
    expect(docker.containers()).toEqual([]);
  });

  describe("that can't connect to this host", () => {
    beforeEach(() => {
      const refuse = ['OUTPUT', '-d', docker.thisAddress, '-p', 'tcp', '--syn', '-j', 'DROP'];
      docker.run('iptables', '-I', ...refuse);
      onTestFinished(() => {
        docker.run('iptables', '-D', ...refuse);
      });
    });

    test('is refused where docker was asked for, and the message says what works', async () => {
      await expect(startVault({ engine: 'docker', image })).rejects.toMatchObject({
        code: 'docker_unavailable',
        message: expect.stringContaining('VAULTPROOF_ENGINE=process'),
        details: { host: docker.host, address: docker.thisAddress },
      });
    });

    test('is passed over where it was not, with the reason', async () => {
      vi.stubEnv('VAULTPROOF_ENGINE', '');
      await using vault = await startVault();
      expect(vault).toMatchObject({
        engine: 'process',
        engineReason: expect.stringContaining(`can't connect to this one at "${docker.thisAddress}"`),
      });
    });
  });
});

describe('an engine on another host that speaks HTTPS', () => {
  let docker: RemoteDocker;
  let image: string;

  /** Its configuration as `docker context create` writes it, in a folder that DOCKER_CONFIG names. */
  async function configWithContext(current: string): Promise<string> {
    const folder = await temporaryFolder();
    const id = createHash('sha256').update('far').digest('hex');
    const [meta, tls] = [join(folder, 'contexts/meta', id), join(folder, 'contexts/tls', id, 'docker')];
    await Promise.all([mkdir(meta, { recursive: true }), mkdir(tls, { recursive: true })]);
    await writeFile(
      join(meta, 'meta.json'),
      JSON.stringify({ Name: 'far', Metadata: {}, Endpoints: { docker: { Host: docker.host, SkipTLSVerify: false } } }),
    );
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) await copyFile(join(docker.certPath, name), join(tls, name));
    await writeFile(join(folder, 'config.json'), JSON.stringify({ currentContext: current }));
    return folder;
  }

  beforeAll(async () => {
    if (remoteDockerIsMissing() !== undefined) return;
    docker = await startRemoteDocker({ tls: true });
    vi.stubEnv('DOCKER_HOST', docker.host);
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    vi.stubEnv('DOCKER_CERT_PATH', docker.certPath);
    image = await testImage(prepared().vault.product, () => {});
    vi.unstubAllEnvs();
  }, PATIENCE_MS);
  afterAll(() => docker?.stop(), PATIENCE_MS);

  beforeEach(requires('docker-remote'));

  test.each([
    [
      'DOCKER_TLS_VERIFY',
      async () => ({ DOCKER_HOST: docker.host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: docker.certPath }),
    ],
    ['DOCKER_CONTEXT', async () => ({ DOCKER_CONTEXT: 'far', DOCKER_CONFIG: await configWithContext('default') })],
    ['the current context', async () => ({ DOCKER_CONFIG: await configWithContext('far') })],
  ])('runs a Vault where %s leads to it', async (_by, variables) => {
    const child = startChild('where-it-runs-child.ts', { image }, { env: await variables() });
    expect(await child.started).toMatchObject({
      address: expect.stringContaining(docker.address),
      policies: ['default'],
    });
    await child.ended;
    expect(docker.containers()).toEqual([]);
  });

  test('keeps no container of a process that was killed', async () => {
    const env = { DOCKER_CONFIG: await configWithContext('far') };
    const services = { vault: { engine: 'docker', image } };
    const child = startChild('environment-child.ts', { services, ending: 'wait' }, { env });
    onTestFinished(() => child.kill('SIGKILL'));
    await child.started;
    expect(docker.containers()).toHaveLength(1);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(docker.containers()).toEqual([]), OFTEN);
  });
});
