import { prepareServers } from 'vaultproof';
import type { TestProject } from 'vitest/node';
import { testImage } from './test-image.js';
import { lookAtVault } from './vault-of-tests.js';

/** The images that containers are made of, or why there are none. */
export type TestImages = { readonly vault: string; readonly consul: string } | { readonly missing: string };

declare module 'vitest' {
  interface ProvidedContext {
    images: TestImages;
  }
}

/** Has both servers at hand before the first test, for either engine where it can be. */
export async function setup(project: TestProject): Promise<void> {
  const report = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const images = await testImages(report);
  project.provide('images', images);
  // The workers inherit it: with VAULTPROOF_ENGINE=docker every test runs in these images.
  if (process.env['VAULTPROOF_ENGINE'] === 'docker' && 'vault' in images) {
    process.env['VAULTPROOF_VAULT_IMAGE'] ??= images.vault;
    process.env['VAULTPROOF_CONSUL_IMAGE'] ??= images.consul;
  }
  await prepareServers({ vault: true, consul: true, report });
  project.provide('vault', await lookAtVault());
}

async function testImages(report: (line: string) => void): Promise<TestImages> {
  try {
    return { vault: await testImage('vault', report), consul: await testImage('consul', report) };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}
