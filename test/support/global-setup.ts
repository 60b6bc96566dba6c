import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPool, type Pool, prepareServers, VaultproofError } from 'vaultproof';
import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';
import { buildCli } from './build-cli.js';
import type { Preparation, Prepared, TestImages } from './prepared.js';
import { testImage } from './test-image.js';
import { lookAtVault } from './vault-of-tests.js';

/** The workers of vitest.config.ts, each of which may hold one server while another is made as new. */
const WORKERS = 4;

/** Inside the project, so that what is compiled into it finds its packages. */
const FOLDER = fileURLToPath(new URL('../../.prepared-', import.meta.url));

/** What is made ready once, for all projects of a run. */
interface Preparing {
  /** Where the workers find it. */
  readonly provided: Pick<ProvidedContext, 'preparation' | 'pooled'>;
  readonly stop: () => Promise<void>;
  projects: number;
}

// Vitest imports this file anew for each project.
const run = globalThis as { vaultproofPreparing?: Promise<Preparing> | undefined };

/**
 * Begins to obtain both servers, for either engine where it can be, and to compile the command line, and does not wait:
 * the tests that need neither run meanwhile. `wait-until-prepared.ts` waits, in the files of integration tests.
 * @returns what stops it, as far as it has got by then
 */
export async function setup(project: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  run.vaultproofPreparing ??= begin();
  const preparing = await run.vaultproofPreparing;
  preparing.projects += 1;
  project.provide('preparation', preparing.provided.preparation);
  project.provide('pooled', preparing.provided.pooled);
  return async () => {
    preparing.projects -= 1;
    if (preparing.projects > 0) return;
    run.vaultproofPreparing = undefined;
    await preparing.stop();
  };
}

async function begin(): Promise<Preparing> {
  const folder = await mkdtemp(FOLDER);
  const path = join(folder, 'status.json');
  const socket = join(folder, 'pool.sock');
  const ended = new AbortController();
  let pool: Pool | undefined;
  const prepared = prepare(folder, ended.signal)
    .then(async (preparation) => {
      pool = await createPool({ vault: true, consul: true, size: 2 * WORKERS, signal: ended.signal });
      await pool.listen(socket);
      return preparation;
    })
    .catch(failureOf)
    .then((preparation) => write(path, preparation));
  return {
    provided: { preparation: path, pooled: { path: socket, services: { vault: true, consul: true } } },
    stop: async () => {
      ended.abort();
      await prepared;
      await pool?.stop();
      await rm(folder, { recursive: true, force: true });
    },
    projects: 0,
  };
}

async function prepare(folder: string, signal: AbortSignal): Promise<Prepared> {
  const report = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const env: Record<string, string> = {};
  let images: TestImages | undefined;
  // With VAULTPROOF_ENGINE=docker every test runs in these images.
  if (process.env['VAULTPROOF_ENGINE'] === 'docker') {
    images = await testImages(
      process.env['VAULTPROOF_VAULT_PRODUCT'] === 'openbao' ? 'openbao' : 'vault',
      report,
      signal,
    );
    if ('vault' in images) {
      env['VAULTPROOF_VAULT_IMAGE'] = process.env['VAULTPROOF_VAULT_IMAGE'] ?? images.vault;
      env['VAULTPROOF_CONSUL_IMAGE'] = process.env['VAULTPROOF_CONSUL_IMAGE'] ?? images.consul;
      Object.assign(process.env, env);
    }
  }
  await prepareServers({ vault: true, consul: true, report, signal });
  const vault = await lookAtVault(signal);
  // Otherwise what asks for Vault, as a difference that is proven, would build one while the tests run.
  if (vault.product === 'openbao') env['VAULTPROOF_VAULT_PRODUCT'] = 'openbao';
  images ??= await testImages(vault.product, report, signal);
  return { images, vault, cli: await buildCli(folder, signal), env };
}

async function testImages(
  product: 'vault' | 'openbao',
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<TestImages> {
  try {
    return { vault: await testImage(product, report, signal), consul: await testImage('consul', report, signal) };
  } catch (error) {
    signal.throwIfAborted();
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

function failureOf(error: unknown): Preparation {
  if (error instanceof VaultproofError) {
    const { code, message, details } = error;
    return { failure: { code, message, details } };
  }
  return { failure: { message: error instanceof Error ? (error.stack ?? error.message) : String(error) } };
}

/** A reader finds all of it or nothing. */
async function write(path: string, preparation: Preparation): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(preparation));
  await rename(`${path}.new`, path);
}
