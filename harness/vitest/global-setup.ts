import type { TestProject } from 'vitest/node';
import { UsageError } from '../../errors/index.js';
import { printableLine } from '../../internal/printable.js';
import { isExternal } from '../external/index.js';
import { createPool } from '../pool/index.js';
import { prepareServers } from '../prepare-servers.js';

/**
 * Obtains the servers before the first test, so that a download or a build is not part of any test's time, and with
 * `provide.pool` makes a pool of them, which the fixtures lease from. Name it in `globalSetup`; `provide.services` says which
 * servers, default Vault alone.
 * @returns what stops the pool
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const services = project.config.provide.services ?? {};
  const report = (line: string): void => {
    process.stderr.write(`${printableLine(line)}\n`);
  };
  await prepareServers({ report, ...services });
  const { pool: asked = false } = project.config.provide;
  if (asked === false) return async () => {};
  const { vault } = services;
  if (isExternal(vault)) throw new UsageError('a pool has servers that it starts: leave out "pool", or "external"');
  const pool = await createPool({ report, ...services, vault, size: asked === true ? undefined : asked });
  project.provide('pooled', { path: await pool.listen(), services });
  return () => pool.stop();
}
