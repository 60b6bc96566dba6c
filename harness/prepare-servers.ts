import { importInTurn } from '../internal/import-in-turn.js';
import { isExternal } from './external/index.js';
import type { EnvironmentOptions } from './start-environment.js';

/**
 * Obtains what an environment needs, one server after the other, and starts nothing: what takes minutes on a new
 * machine is then done before the first test's clock runs.
 * @returns why each engine was taken, by server
 * @throws VaultproofError what startVault and startConsul throw when a server can't be had
 * @example
 * await prepareServers({ vault: true, consul: true });
 */
export async function prepareServers(services: EnvironmentOptions): Promise<Readonly<Record<string, string>>> {
  const { report, signal, vault = true, consul = false } = services;
  const shared = { report, signal };
  const { chooseEngine } = await importInTurn(() => import('./engines/index.js'));
  const reasons: Record<string, string> = {};
  for (const [product, asked] of Object.entries({ vault, consul }) as ['vault' | 'consul', typeof vault][]) {
    if (asked === false || isExternal(asked)) continue;
    const { reason } = await chooseEngine(product, { ...shared, ...(asked === true ? {} : asked) });
    reasons[product] = reason;
  }
  return reasons;
}
