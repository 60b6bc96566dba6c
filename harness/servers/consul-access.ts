import { isRecord } from '../../internal/json.js';
import { type CapableServer, unsupportedByServer } from '../api/vault-capabilities.js';
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
  vault: ReachingServer & CapableServer & { request(method: string, path: string, json: unknown): Promise<unknown> },
  consul: StartedConsul & { readonly caPem?: string | undefined },
  { mount = 'consul', policy = 'vault-consul' }: ConsulAccess = {},
): Promise<void> {
  if (!(await vault.supports('secret/consul'))) {
    const lack = { capability: 'secret/consul', neededBy: 'configureConsulAccess' } as const;
    throw unsupportedByServer(vault, [lack], 'no token was made');
  }
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
