import { UsageError } from '../errors/index.js';
import type { ConsulAccess } from '../issuer/users/index.js';
import { readNamed } from './files.js';

/** Consul's address, as CONSUL_HTTP_ADDR has it; Consul's own command also takes one without a scheme. */
export function consulAddress(): string | undefined {
  const { CONSUL_HTTP_ADDR: address, CONSUL_HTTP_SSL: ssl } = process.env;
  if (address === undefined || address === '' || address.includes('://')) return address || undefined;
  return `${ssl === 'true' || ssl === '1' ? 'https' : 'http'}://${address}`;
}

/**
 * Which Consul, and as whom, by the variables of Consul's own command.
 * @throws UsageError without an address, and for a file that can't be read
 */
export async function consulAccess(): Promise<ConsulAccess> {
  const address = consulAddress();
  if (address === undefined) throw new UsageError('no Consul: set CONSUL_HTTP_ADDR');
  const { CONSUL_HTTP_TOKEN: given, CONSUL_HTTP_TOKEN_FILE: file, CONSUL_CACERT: ca } = process.env;
  // The file comes first with Consul's own command, too.
  const token = file ? (await readNamed(file)).trim() : (given ?? '');
  return { address, token, ...(ca && { ca: await readNamed(ca) }) };
}

/** The key in `consul:KEY`; undefined for what is a file. */
export function consulKeyOf(users: string): string | undefined {
  return users.startsWith('consul:') ? users.slice('consul:'.length) : undefined;
}
