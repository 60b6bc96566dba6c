import { type HttpClient, type SharedClient, sharedClient } from '../../internal/http-client.js';
import type { ServerFacts } from './leased-servers.js';

/** Connections to servers of a pool, which stay open from one lease of a server to the next. */
export interface KeptConnections {
  /** A client for one lease. Closing it ends the requests of that lease, and no connection that the next one can use. */
  to(server: Pick<ServerFacts, 'address' | 'caPem'>): HttpClient;
  /** Closes them all. */
  close(): void;
}

/** Connections that are opened when they are first needed. */
export function keptConnections(): KeptConnections {
  const clients = new Map<string, SharedClient>();
  return {
    to: ({ address, caPem }) => {
      const key = `${address} ${caPem}`;
      const kept = clients.get(key) ?? sharedClient(address, { ca: caPem });
      clients.set(key, kept);
      return kept.sharing();
    },
    close: () => {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}
