import { openServer } from '../servers/start-server.js';
import type { StartedVault } from '../servers/vault-handle.js';
import { vaultHandle } from '../servers/vault-handle.js';
import type { Held } from './server-pool.js';
import type { PooledVault } from './vault-kind.js';

/** The handle of a Vault for as long as it is leased: with connections of its own, and a `stop` that gives it back. */
export function leasedVault({ server: { ready, token }, giveBack }: Held<PooledVault>): StartedVault {
  const instance = { ...ready.instance, stop: giveBack };
  const opened = openServer({ ...ready, instance, secrets: [...ready.secrets, ready.token, token] });
  const { version, auditLog, documentAt } = ready;
  return vaultHandle({ ...opened, token, version, auditLog, documentAt });
}
