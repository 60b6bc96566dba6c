import { execFileSync } from 'node:child_process';
import { inspect } from 'node:util';
import {
  assembleEnvironment,
  type Environment,
  startVaultCluster,
  type VaultCluster,
  type VaultClusterOptions,
  type VaultNode,
} from 'vaultproof';
import { startIssuer } from 'vaultproof/issuer';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startChild } from '../support/child.js';
import { mountJwt } from '../support/jwt-mount.js';
import { prepared } from '../support/prepared.js';
import { requires } from '../support/requirement.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requiresProviders } from '../support/terraform-provider.js';
import { containersOf, descendantsOf, foldersIn, stillRunning, stillThere } from '../support/what-runs.js';

const START_MS = 60_000;
const claims = { sub: 'vishpat', aud: 'damage_inc' };

let cluster: VaultCluster;
let env: Environment;
let role: string;
beforeAll(async () => {
  cluster = await startVaultCluster({ auditLog: true });
  env = await assembleEnvironment({ issuer: await startIssuer(), vault: cluster });
  await env.vault.request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } });
  await env.vault.request('PUT', 'sys/policies/acl/reader', {
    policy: 'path "kv/data/app" { capabilities = ["read"] }',
  });
  const writeRole = await mountJwt(env, 'jwt');
  role = await writeRole({ token_policies: ['reader'] });
  await env.vault.seed('kv/app', { password: 'correct horse' });
}, START_MS);
afterAll(() => env?.stop());

/** Logs in and reads the secret. */
async function reads(): Promise<unknown> {
  const session = await env.vault.login({ jwt: await env.issuer.sign(claims), role });
  return session.read('kv/app');
}

const secret = { password: 'correct horse' };

const leads = async ({ client }: VaultNode): Promise<boolean> =>
  Object((await client.request('GET', '/v1/sys/leader')).body).is_self === true;

describe('a cluster of three nodes', () => {
  test('has one that leads, and two that stand by and vote', async () => {
    expect(cluster.nodes.map(({ name }) => name)).toEqual(['vault-1', 'vault-2', 'vault-3']);
    const leader = await cluster.leader();
    expect(await Promise.all(cluster.nodes.map(leads))).toEqual(cluster.nodes.map((node) => node === leader));
    const { data } = await cluster.request('GET', 'sys/storage/raft/configuration');
    expect(data).toMatchObject({ config: { servers: Array(3).fill({ voter: true }) } });
    expect(await reads()).toEqual(secret);
  });

  test('goes on after its leader is killed, and takes it back with its data', async () => {
    const session = await env.vault.login({ jwt: await env.issuer.sign(claims), role });
    const leader = await cluster.leader();
    await leader.kill();
    expect(await session.read('kv/app')).toEqual(secret);
    expect(await reads()).toEqual(secret);
    const next = await cluster.leader();
    expect(next.name).not.toBe(leader.name);

    await cluster.seed('kv/meanwhile', { written: 'to two' });
    await leader.restart();
    await next.kill();
    expect(await reads()).toEqual(secret);
    expect(await cluster.root.read('kv/meanwhile')).toEqual({ written: 'to two' });
    await next.restart();
    await expect(Promise.race([cluster.exited, 'it runs'])).resolves.toBe('it runs');
  });

  test('goes on after its leader is paused, also with a request that is on its way there', async () => {
    const leader = await cluster.leader();
    await leader.pause();
    onTestFinished(() => leader.resume());
    expect(await reads()).toEqual(secret);
    expect((await cluster.leader()).name).not.toBe(leader.name);
    await leader.resume();
    expect(await reads()).toEqual(secret);
  });

  test('goes on after its leader steps down, or is sealed', async () => {
    const before = await cluster.leader();
    const after = await cluster.stepDown();
    expect(after.name).not.toBe(before.name);
    expect(await reads()).toEqual(secret);
    await after.seal();
    expect(await reads()).toEqual(secret);
    await expect(cluster.leader()).resolves.not.toBe(after);
    await after.unseal();
    expect(await leads(after)).toBe(false);
  });

  test('is applied to like any other', async () => {
    const resource = { vault_policy: { other: { name: 'other', policy: 'path "x" {}' } } };
    expect(await env.applyJson({ resource }, 'other')).toMatchObject({ created: ['vault_policy.other'] });
  });

  test('is applied to by terraform', async (context) => {
    await requiresProviders('vault')(context);
    const resource = { vault_policy: { deployed: { name: 'deployed', policy: 'path "x" {}' } } };
    const terraform = { required_providers: { vault: { source: 'hashicorp/vault' } } };
    expect(await env.terraform.apply('deployed', { terraform, resource })).toMatchObject({ pending: [] });
  });

  test('logs who did what, whichever node answered', async () => {
    const jwt = await env.issuer.sign(claims);
    await cluster.login({ jwt, role, correlationId: 'before' });
    await cluster.stepDown();
    await cluster.login({ jwt, role, correlationId: 'after' });
    const text = JSON.stringify(await cluster.auditLog());
    expect(text).toContain('"before"');
    expect(text).toContain('"after"');
    expect(text).not.toContain(jwt);
  });

  test('prints no secret', async () => {
    const [key = ''] = cluster.unsealKeys;
    expect(key).not.toBe('');
    const texts = [cluster, cluster.nodes, { ...cluster }].map((value) => inspect(value, { depth: 5 }));
    for (const text of [...texts, JSON.stringify(cluster), await cluster.logTail(1_000)]) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(cluster.token);
    }
  });
});

describe('a cluster in Docker', () => {
  beforeEach(requires('docker'));

  /** How it is started in the image that the tests have. */
  function inDocker(): VaultClusterOptions {
    const { images } = prepared();
    return 'missing' in images ? {} : { engine: 'docker', image: images.vault };
  }

  test.each([false, true])('goes on without its leader, with tls %s', { timeout: START_MS }, async (tls) => {
    await using docker = await startVaultCluster({ ...inDocker(), tls });
    expect(docker.engine).toBe('docker');
    await docker.request('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '1' } });
    await docker.seed('kv/app', secret);
    const leader = await docker.leader();
    await leader.kill();
    expect(await docker.root.read('kv/app')).toEqual(secret);
    const next = await docker.leader();
    expect(next.name).not.toBe(leader.name);

    await docker.seed('kv/meanwhile', { written: 'to two' });
    await leader.restart();
    const third = await docker.stepDown();
    expect(third.name).not.toBe(next.name);
    await third.pause();
    expect(await docker.root.read('kv/meanwhile')).toEqual({ written: 'to two' });
    expect((await docker.leader()).name).not.toBe(third.name);
  });

  test('reaches its nodes at loopback alone, and they each other on the network of containers', async () => {
    await using docker = await startVaultCluster({ ...inDocker(), nodes: 2 });
    for (const { address } of docker.nodes) expect(new URL(address).hostname).toBe('127.0.0.1');
    const ports = docker.nodes.map(({ address }) => Number(new URL(address).port));
    const listening = execFileSync('ss', ['-Htln'], { encoding: 'utf8' });
    for (const port of ports) {
      const addresses = [...listening.matchAll(new RegExp(`(\\S+):${port} `, 'g'))].map(([, address]) => address);
      expect(addresses).toContain('127.0.0.1');
      expect(addresses).not.toContain('0.0.0.0');
      expect(addresses).not.toContain('*');
    }
  });

  test('is gone when its process is killed, with a node that is paused', async () => {
    const child = startChild('vault-cluster-child.ts', inDocker());
    onTestFinished(() => child.kill('SIGKILL'));
    const { addresses } = (await child.started) as { addresses: string[] };
    const containers = await containersOf(addresses);
    expect(containers).toHaveLength(3);
    child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await stillThere(containers)).toEqual([]), { timeout: 15_000, interval: 50 });
  });
});

test('a cluster is gone when its process is killed, with a node that is paused', async () => {
  const folder = await temporaryFolder();
  const child = startChild('vault-cluster-child.ts', {}, { env: { TMPDIR: folder } });
  onTestFinished(() => child.kill('SIGKILL'));
  await child.started;
  const pids = descendantsOf(child.pid).map(({ pid }) => pid);
  expect(pids.length).toBeGreaterThanOrEqual(4);
  expect(await foldersIn(folder)).toHaveLength(3);
  child.kill('SIGKILL');
  await vi.waitFor(
    async () => {
      expect(stillRunning(pids)).toEqual([]);
      expect(await foldersIn(folder)).toEqual([]);
    },
    { timeout: 15_000, interval: 50 },
  );
});

describe('a cluster that has lost its leader for good', () => {
  test('says so, with a code, and goes on once a node is back', async () => {
    await using two = await startVaultCluster({ nodes: 2, failoverTimeoutMs: 2_000, tls: true });
    const [first, second] = two.nodes as [VaultNode, VaultNode];
    const refused = second.client.request('GET', '/v1/sys/health');
    expect(await refused).toMatchObject({ status: 429 });
    await first.kill();
    await expect(two.leader()).rejects.toMatchObject({
      code: 'no_leader',
      message: expect.stringContaining('none was elected within 2000 ms'),
      details: { nodes: ['vault-1', 'vault-2'] },
    });
    await second.kill();
    await expect(two.leader()).rejects.toMatchObject({ code: 'no_leader' });
    await expect(two.request('GET', 'sys/mounts')).rejects.toMatchObject({ code: 'no_leader' });
    await Promise.all([first.restart(), second.restart()]);
    // Two nodes may vote for themselves several times.
    await vi.waitFor(() => two.leader(), START_MS);
    expect(await two.request('GET', 'sys/mounts')).toHaveProperty('data');
    await two.stop();
    await expect(two.request('GET', 'sys/mounts')).rejects.toMatchObject({ code: 'server_stopped' });
    await expect(first.restart()).rejects.toMatchObject({ code: 'server_stopped' });
  });

  test('is wrong use where it has no nodes', async () => {
    await expect(startVaultCluster({ nodes: 0 })).rejects.toThrow(
      new TypeError('"nodes" is "0", expected a whole number from 1'),
    );
  });
});
