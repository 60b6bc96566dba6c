import type { ServerInstance } from '../engines/index.js';
import { openServer, type ReadyServer } from '../servers/start-server.js';
import { type StartedVault, vaultHandle } from '../servers/vault-handle.js';

/** What a process that leases a server is told of it. */
export interface ServerFacts
  extends Pick<
    ServerInstance,
    'product' | 'engine' | 'address' | 'networkHost' | 'hostName' | 'hostAddress' | 'origin' | 'binFolder'
  > {
  readonly engineReason: string;
  readonly caPem?: string | undefined;
  readonly version: string;
  /** The root or management token of the lease; a secret. */
  readonly token: string;
}

/** A server for as long as it is leased, in this process or in another one's pool. */
export interface LeasedServer {
  readonly facts: ServerFacts;
  /** Resolves, with how, when it has ended by itself. */
  readonly exited: Promise<string>;
  /** What it has written so far, without the pool's own token. */
  log(): Promise<string>;
}

/** The servers of one lease. */
export interface LeasedServers {
  readonly vault: LeasedServer | undefined;
  /** Gives all of them back: resolves once their tokens are dead. Idempotent. */
  giveBack(): Promise<void>;
}

/** Which servers a lease is to have. */
export interface ServersWanted {
  /** Those that were just started and that no one has used; default false. */
  readonly fresh?: boolean | undefined;
  /** Whether it is to have a Vault; default what the pool has. */
  readonly vault?: boolean | undefined;
  /** How long to wait for a server while all are leased, in milliseconds; default 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** Leases servers of a pool. */
export type LeaseServers = (wanted: ServersWanted) => Promise<LeasedServers>;

/** What is told of a server that is ready, for a lease with a token. */
export function leased(
  { instance, engineReason, caPem, secrets }: ReadyServer,
  token: string,
  version: string,
): LeasedServer {
  const { product, engine, address, networkHost, hostName, hostAddress, origin, binFolder } = instance;
  const facts = { product, engine, address, networkHost, hostName, hostAddress, origin, binFolder };
  return {
    facts: { ...facts, engineReason, caPem, version, token },
    exited: instance.exited,
    log: async () => secrets.reduce((log, secret) => log.replaceAll(secret, '(struck out)'), await instance.log()),
  };
}

/**
 * The handle of a Vault that is leased, with connections of its own.
 * @param giveBack what its `stop` does
 */
export function leasedVault({ facts, exited, log }: LeasedServer, giveBack: () => Promise<void>): StartedVault {
  const { engineReason, caPem, version, token } = facts;
  const opened = openServer({
    instance: { ...facts, exited, log, stop: giveBack },
    engineReason,
    caPem,
    secrets: [token],
  });
  return vaultHandle({ ...opened, token, version, auditLog: false });
}
