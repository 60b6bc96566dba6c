import { importInTurn } from '../internal/import-in-turn.js';
import { type KnownOptions, refuseUnknownOptions } from '../internal/known-options.js';
import { checkPort } from '../internal/listening.js';
import { type ServerTlsOptions, withIdentity } from './server-tls.js';
import type { StartedConsul } from './servers/consul.js';
import { type ServerOptions, type ServerOutbound, serverOptions } from './servers/server-options.js';

/** How a Consul is started. */
export interface ConsulOptions extends ServerOptions, ServerTlsOptions {}

const consulOptions: KnownOptions<ConsulOptions> = { ...serverOptions, tls: true };

/**
 * Starts a dev Consul and waits until it has a leader and its ACL system is bootstrapped.
 * @throws VaultproofError as {@link startVault} does; `acl_disabled` where the executable is a script that turns them off
 * @param outbound how it reaches other hosts; default as this host does
 * @see https://developer.hashicorp.com/consul/commands/agent#_dev
 * @example
 * await using consul = await startConsul({ tls: true });
 * await consul.kv.write('app/colour', 'green');
 */
export async function startConsul(options: ConsulOptions = {}, outbound?: ServerOutbound): Promise<StartedConsul> {
  refuseUnknownOptions('startConsul', options, consulOptions);
  checkPort('startConsul', options.port, 1);
  const { bootConsul, consulHandle } = await importInTurn(() => import('./servers/consul.js'));
  return consulHandle(await bootConsul(await withIdentity(options), outbound));
}
