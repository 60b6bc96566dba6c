import type { TestProject } from 'vitest/node';
import { printableLine } from '../../internal/printable.js';
import { prepareServers } from '../prepare-servers.js';

/**
 * Obtains the servers before the first test, so that a download or a build is not part of any test's time. Name it in
 * `globalSetup`; `provide.services` says which servers, default Vault alone.
 */
export async function setup(project: TestProject): Promise<void> {
  const services = project.config.provide.services ?? {};
  const report = (line: string): void => {
    process.stderr.write(`${printableLine(line)}\n`);
  };
  await prepareServers({ report, ...services });
}
