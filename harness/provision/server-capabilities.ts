import { type Capability, type CapableServer, type Lack, unsupportedByServer } from '../api/vault-capabilities.js';
import type { Planned } from './plan.js';

/**
 * Refuses a configuration that takes what the Vault lacks, before anything is written.
 * @throws VaultproofError `unsupported_by_server`, with all that it lacks
 */
export async function refuseUnsupported(planned: readonly Planned[], server: CapableServer): Promise<void> {
  const needed = planned.flatMap(needsOf);
  const capabilities = [...new Set(needed.map(({ capability }) => capability))];
  const supported = await Promise.all(capabilities.map((capability) => server.supports(capability)));
  const missing = capabilities.filter((_capability, index) => supported[index] === false);
  const [first, ...others] = needed.filter(({ capability }) => missing.includes(capability));
  if (first) throw unsupportedByServer(server, [first, ...others], 'nothing was applied');
}

function needsOf({ mode, address, declared, type }: Planned): Lack[] {
  const { namespace } = declared.attributes;
  const within = typeof namespace === 'string' && namespace !== '' && type.type.startsWith('vault_');
  const inNamespace: Lack[] = within ? [{ capability: 'namespaces', neededBy: address, value: namespace }] : [];
  if (mode === 'data' || type.capabilities === undefined) return inNamespace;
  // What an expression stands for, and what is no name, the server decides.
  const capabilities = type.capabilities(declared.attributes).filter((capability) => /^[\w/-]*\w$/.test(capability));
  return [...inNamespace, ...capabilities.map((capability: Capability) => ({ capability, neededBy: address }))];
}
