import { importInTurn } from '../internal/import-in-turn.js';
import { type KnownOptions, refuseUnknownOptions } from '../internal/known-options.js';
import { checkPort } from '../internal/listening.js';
import { type ServerTlsOptions, withIdentity } from './server-tls.js';
import { type ServerOutbound, serverOptions } from './servers/server-options.js';
import type { VaultServerOptions } from './servers/vault.js';
import type { StartedVault } from './servers/vault-handle.js';

/** How a Vault is started. */
export interface VaultOptions extends Omit<VaultServerOptions, 'identify'>, ServerTlsOptions {}

const vaultOptions: KnownOptions<VaultOptions> = {
  ...serverOptions,
  product: true,
  wheel: true,
  storage: true,
  auditLog: true,
  tls: true,
};

/**
 * Starts a Vault and waits until it is unsealed and active: a dev server, or with `tls` one that is initialised and unsealed
 * as a deployed one is, in memory as well.
 * @throws VaultproofError `engine_unavailable`, `port_in_use`, `server_exited`, `server_not_ready`, and what an
 * executable or image that can't be had throws; `tls_invalid` for a key, a certificate and a CA that do not belong
 * together, `certificate_untrusted` for a certificate that is for another name
 * @param outbound how it reaches other hosts; default as this host does
 * @see https://developer.hashicorp.com/vault/docs/concepts/dev-server
 * @example
 * await using vault = await startVault({ version: '1.21.1', tls: true });
 * await vault.request('GET', 'sys/mounts');
 */
export async function startVault(options: VaultOptions = {}, outbound?: ServerOutbound): Promise<StartedVault> {
  refuseUnknownOptions('startVault', options, vaultOptions);
  checkPort('startVault', options.port, 1);
  const { bootVault } = await importInTurn(() => import('./servers/vault.js'));
  const { vaultHandle } = await importInTurn(() => import('./servers/vault-handle.js'));
  return vaultHandle(await bootVault(await withIdentity(options), outbound));
}
