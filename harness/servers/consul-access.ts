import { isRecord } from '../api/vault-api.js';
import type { StartedConsul } from './consul.js';
import type { ReachingServer } from './server-options.js';

/** Which of Vault's Consul secrets engines gets access, and with what. */
export interface ConsulAccess {
  /** Where the engine is mounted; default `consul`. */
  readonly mount?: string;
  /** The ACL policy of its token; default `vault-consul`, as `VaultConsulStack` has it. */
  readonly policy?: string;
}

/** Makes the engine's token at Consul and hands it to Vault, as `StartedVault.configureConsulAccess` says. */
export async function configureConsulAccess(
  vault: ReachingServer & { request(method: string, path: string, json: unknown): Promise<unknown> },
  consul: StartedConsul & { readonly caPem?: string | undefined },
  { mount = 'consul', policy = 'vault-consul' }: ConsulAccess = {},
): Promise<void> {
  const made = await consul.request('PUT', 'acl/token', {
    Description: `Vault's Consul secrets engine at ${mount}`,
    Policies: [{ Name: policy }],
  });
  const { host: address, protocol } = new URL(await consul.addressFor(vault));
  await vault.request('POST', `${mount}/config/access`, {
    address,
    scheme: protocol.replace(':', ''),
    ca_cert: consul.caPem,
    token: isRecord(made) ? made['SecretID'] : undefined,
  });
}
