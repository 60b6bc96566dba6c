import { checkTlsIdentity, generateTlsIdentity } from '../issuer/tls/index.js';
import {
  bootConsul,
  type ConsulServerOptions,
  consulHandle,
  type ServerIdentity,
  type StartedConsul,
} from './servers/consul.js';
import type { ServerOutbound } from './servers/server-options.js';

/** How a Consul is started. */
export interface ConsulOptions extends Omit<ConsulServerOptions, 'identify'> {
  /**
   * The API is HTTPS, and there is no HTTP: `true` makes a CA and a certificate for this Consul alone, see
   * {@link StartedConsul.caPem}; a certificate of one's own must be good for 127.0.0.1, or for the host that Docker runs
   * on. Default false.
   */
  readonly tls?: boolean | ServerIdentity | undefined;
}

/**
 * Starts a dev Consul and waits until it has a leader and its ACL system is bootstrapped.
 * @throws VaultproofError as {@link startVault} does; `tls_invalid` for a key, a certificate and a CA that do not belong
 * together, `certificate_untrusted` for a certificate that is for another name; `acl_disabled` where the executable is a
 * script that turns them off
 * @param outbound how it reaches other hosts; default as this host does
 * @see https://developer.hashicorp.com/consul/commands/agent#_dev
 * @example
 * await using consul = await startConsul({ tls: true });
 * await consul.kv.write('app/colour', 'green');
 */
export async function startConsul(options: ConsulOptions = {}, outbound?: ServerOutbound): Promise<StartedConsul> {
  return consulHandle(await bootConsul(consulServerOptions(options), outbound));
}

/** The options of the server, which shows its clients the certificate that is asked for. */
export function consulServerOptions({ tls = false, ...options }: ConsulOptions): ConsulServerOptions {
  if (tls === false) return options;
  if (tls === true) return { ...options, identify: (host) => generateTlsIdentity({ names: [host] }) };
  const identity = checkTlsIdentity(tls);
  return { ...options, identify: async () => identity };
}
