import { WrongUse } from '../../errors/index.js';
import type { ServerInstance } from '../engines/index.js';
import { type Relay, startRelay } from './relay.js';
import type { StartedServer } from './server-options.js';

/** How others reach a server, see {@link addressBook}. */
export interface AddressBook extends Pick<StartedServer, 'addressFor'> {
  /** Ends what was opened for it. */
  close(): Promise<void>;
}

/** The addresses of a server, by who wants to reach it. */
export function addressBook(server: Pick<ServerInstance, 'address' | 'networkHost'>): AddressBook {
  const relays = new Map<string, Promise<Relay>>();
  const { protocol, port } = new URL(server.address);
  const addressFor: AddressBook['addressFor'] = async ({ engine, hostName, hostAddress }) => {
    if (engine === 'process') return server.address;
    if (server.networkHost !== undefined) return `${protocol}//${server.networkHost}`;
    // Where Docker runs in a virtual machine, its name for this host leads to loopback.
    if (hostAddress === undefined) return `${protocol}//${hostName}:${port}`;
    const relay = relays.get(hostAddress) ?? startRelay(hostAddress, Number(port));
    relays.set(hostAddress, relay);
    return `${protocol}//${hostName}:${(await relay).port}`;
  };
  return {
    addressFor: (other) => awaited(addressFor(other)),
    close: async () => {
      const opened = await Promise.allSettled(relays.values());
      for (const one of opened) if (one.status === 'fulfilled') one.value.close();
    },
  };
}

/** A promise that is written into JSON would be "{}" there. */
function awaited(address: Promise<string>): Promise<string> {
  const toJSON = (): never => {
    throw new WrongUse('"addressFor" returns a promise: await it');
  };
  return Object.defineProperty(address, 'toJSON', { value: toJSON });
}
