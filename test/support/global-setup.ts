import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareServers, VaultproofError } from 'vaultproof';
import type { TestProject } from 'vitest/node';
import type { PreparedServers, ServersStatus, TestImages } from './prepared-servers.js';
import { testImage } from './test-image.js';
import { lookAtVault } from './vault-of-tests.js';

/**
 * Begins to obtain both servers, for either engine where it can be, and does not wait for them: the tests that need no
 * server run meanwhile. `wait-for-servers.ts` waits, in the files that need one.
 * @returns what stops it, as far as it has got by then
 */
export async function setup(project: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'servers-of-tests-'));
  const path = join(folder, 'status.json');
  project.provide('serversStatus', path);
  const ended = new AbortController();
  const obtained = obtain(ended.signal)
    .catch(failureOf)
    .then((status) => writeStatus(path, status));
  return async () => {
    ended.abort();
    await obtained;
    await rm(folder, { recursive: true, force: true });
  };
}

async function obtain(signal: AbortSignal): Promise<PreparedServers> {
  const report = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const env: Record<string, string> = {};
  let images: TestImages | undefined;
  // With VAULTPROOF_ENGINE=docker every test runs in these images.
  if (process.env['VAULTPROOF_ENGINE'] === 'docker') {
    images = await testImages(report, signal);
    if ('vault' in images) {
      env['VAULTPROOF_VAULT_IMAGE'] = process.env['VAULTPROOF_VAULT_IMAGE'] ?? images.vault;
      env['VAULTPROOF_CONSUL_IMAGE'] = process.env['VAULTPROOF_CONSUL_IMAGE'] ?? images.consul;
      Object.assign(process.env, env);
    }
  }
  await prepareServers({ vault: true, consul: true, report, signal });
  images ??= await testImages(report, signal);
  signal.throwIfAborted();
  return { images, vault: await lookAtVault(signal), env };
}

async function testImages(report: (line: string) => void, signal: AbortSignal): Promise<TestImages> {
  try {
    return { vault: await testImage('vault', report, signal), consul: await testImage('consul', report, signal) };
  } catch (error) {
    signal.throwIfAborted();
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

function failureOf(error: unknown): ServersStatus {
  if (error instanceof VaultproofError) {
    const { code, message, details } = error;
    return { failure: { code, message, details } };
  }
  return { failure: { message: error instanceof Error ? (error.stack ?? error.message) : String(error) } };
}

/** A reader finds all of it or nothing. */
async function writeStatus(path: string, status: ServersStatus): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(status));
  await rename(`${path}.new`, path);
}
