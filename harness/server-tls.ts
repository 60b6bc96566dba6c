import { importInTurn } from '../internal/import-in-turn.js';
import type { IdentifiedServerOptions, ServerIdentity } from './servers/server-options.js';

/** Whether a server's API is HTTPS. */
export interface ServerTlsOptions {
  /**
   * The API is HTTPS, and there is no HTTP: `true` makes a CA and a certificate for this server alone, see
   * {@link StartedServer.caPem}; a certificate of one's own must be good for 127.0.0.1, or for the host that Docker runs
   * on. Default false.
   */
  readonly tls?: boolean | ServerIdentity | undefined;
}

/**
 * The options of a server that shows its clients the certificate that is asked for.
 * @param generate makes one with `tls: true`; default one for each server, with a CA of its own
 * @throws VaultproofError `tls_invalid` for a key, a certificate and a CA that do not belong together
 */
export async function withIdentity<Options extends ServerTlsOptions>(
  { tls = false, ...options }: Options,
  generate?: IdentifiedServerOptions['identify'],
): Promise<Omit<Options, 'tls'> & Pick<IdentifiedServerOptions, 'identify'>> {
  if (tls === false) return options;
  const { checkTlsIdentity, generateTlsIdentity } = await importInTurn(() => import('../issuer/tls/index.js'));
  if (tls === true) return { ...options, identify: generate ?? ((host) => generateTlsIdentity({ names: [host] })) };
  const identity = checkTlsIdentity(tls);
  return { ...options, identify: async () => identity };
}
