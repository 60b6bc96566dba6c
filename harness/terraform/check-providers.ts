import { UsageError, VaultproofError } from '../../errors/index.js';
import type { RequiredProvider } from './configuration.js';

/** They reach no server, or ours, and write no file; of the data sources that do, see check-reach.ts. */
const ALLOWED = ['vault', 'consul', 'random', 'null', 'time', 'tls'].map((name) => `hashicorp/${name}`);

/** Which providers may run. */
export interface ProviderRules {
  readonly vault: boolean;
  readonly consul: boolean;
  /** Sources that are allowed besides ours, such as `hashicorp/aws`. */
  readonly allowed: readonly string[];
}

/**
 * Refuses a configuration that would reach something else than the servers of the environment.
 * @throws VaultproofError `unsupported_provider`
 * @throws TypeError when it needs a Vault or a Consul and there is none: the provider would look for one elsewhere
 */
export function checkProviders(
  sources: Iterable<Pick<RequiredProvider, 'source'>['source']>,
  rules: ProviderRules,
): void {
  const needed = [...sources];
  const strangers = needed.filter((source) => !ALLOWED.includes(source) && !rules.allowed.includes(source));
  if (strangers.length > 0) {
    throw new VaultproofError(
      'unsupported_provider',
      `nothing was applied, because these providers may reach other systems: ${strangers.join(', ')}; ` +
        'list the allowed ones in the option "allowProviders"',
      { details: { providers: strangers } },
    );
  }
  for (const server of ['vault', 'consul'] as const) {
    if (!needed.includes(`hashicorp/${server}`) || rules[server]) continue;
    throw new UsageError(`this needs a ${server}, and this environment has none: start it with { ${server}: true }`);
  }
}
