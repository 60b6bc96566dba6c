import type { HttpClient } from '../../internal/http-client.js';
import { strikeOut } from '../../internal/redaction.js';
import type { AuthoritySecrets } from '../../issuer/vendors/index.js';
import type { LogLines, ServerInstance } from '../engines/index.js';
import type { ProxyRelay } from '../impersonation/index.js';
import { type AuditEntry, createAuditLog } from '../servers/audit-log.js';
import { consulHandle, type StartedConsul } from '../servers/consul.js';
import { openServer, type ReadyServer } from '../servers/start-server.js';
import { turnAuditLogOn } from '../servers/vault.js';
import { type ReadyVault, type StartedVault, vaultHandle } from '../servers/vault-handle.js';
import { withoutSeal } from '../servers/vault-seal.js';
import type { ServersWanted } from './lease-options.js';
import type { Held } from './server-pool.js';

/** What a process that leases a server is told of it. */
export interface ServerFacts
  extends Pick<
    ServerInstance,
    'product' | 'engine' | 'address' | 'networkHost' | 'hostName' | 'hostAddress' | 'origin' | 'binFolder'
  > {
  readonly engineReason: string;
  readonly caPem?: string | undefined;
  readonly version: string;
  /** Whether its audit log is on. */
  readonly auditLog?: boolean | undefined;
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
  /** The lines of that which have ended, from a position on; 0 is the beginning. */
  linesFrom(position: number): Promise<LogLines>;
  /** Gives it back: resolves once its token is dead. Idempotent. */
  giveBack(): Promise<void>;
  /** Has it reach other hosts by a proxy on this host's loopback, until it is given back; where the lease impersonates vendors. */
  leadTo(port: number): Promise<void>;
}

/** The servers of one lease. */
export interface LeasedServers {
  readonly vault?: LeasedServer | undefined;
  readonly consul?: LeasedServer | undefined;
  /** Undefined where they reach what their host reaches. */
  readonly outbound?: LeasedOutbound | undefined;
}

/** How leased servers reach vendors' hosts alone. */
export interface LeasedOutbound {
  /** The CA that they trust; secrets. */
  readonly authority: AuthoritySecrets;
  /** The URLs of the vendors that the pool impersonates by default. */
  readonly vendors: readonly string[];
}

/** Gives back all servers of a lease. */
export async function giveBackAll({ vault, consul }: LeasedServers): Promise<void> {
  await Promise.all([vault?.giveBack(), consul?.giveBack()]);
}

/** What a pool is asked for. */
export interface LeaseRequest extends ServersWanted {
  /** Whether the servers are to reach other hosts by the proxy of the lease; default what the pool has. */
  readonly impersonates?: boolean | undefined;
}

/** Leases servers of a pool. */
export type LeaseServers = (wanted: LeaseRequest) => Promise<LeasedServers>;

/** A server of a pool as it is leased. */
export interface Leasable {
  readonly ready: ReadyServer & { readonly version: string };
  readonly token: string;
  readonly relay: ProxyRelay | undefined;
}

/** A server of a pool, as its lease has it. */
export function leased({ server: { ready, token, relay }, giveBack }: Held<Leasable>): LeasedServer {
  const { instance, engineReason, caPem, secrets, version } = ready;
  const { product, engine, address, networkHost, hostName, hostAddress, origin, binFolder } = instance;
  const facts = { product, engine, address, networkHost, hostName, hostAddress, origin, binFolder };
  const withoutSecrets = (log: string): string => strikeOut(log, secrets);
  return {
    facts: { ...facts, engineReason, caPem, version, token },
    exited: instance.exited,
    log: async () => withoutSecrets(await instance.log()),
    linesFrom: async (position) => {
      const { lines, next } = await instance.linesFrom(position);
      return { lines: lines.map(withoutSecrets), next };
    },
    giveBack,
    leadTo: async (port) => relay?.leadTo(port),
  };
}

/** The same of a Vault whose audit log is turned on for the lease; its log begins with the lease. */
export async function leasedWithAuditLog(held: Held<Leasable>): Promise<LeasedServer> {
  const server = leased(held);
  try {
    const { next: before } = await server.linesFrom(0);
    await turnAuditLogOn(held.server.ready.client, held.server.token);
    // Docker hands a log on a moment later.
    const own = { linesFrom: (position: number) => server.linesFrom(Math.max(before, position)) };
    const isLast = ({ type, request }: AuditEntry): boolean =>
      type === 'response' && request.path?.startsWith('sys/config/auditing/request-headers/') === true;
    await createAuditLog(true, [own], new AbortController().signal).waitFor(isLast);
    const { next: begin } = await server.linesFrom(0);
    const linesFrom = (position: number): Promise<LogLines> => server.linesFrom(Math.max(begin, position));
    const log = async (): Promise<string> => (await linesFrom(begin)).lines.join('\n');
    return { ...server, facts: { ...server.facts, auditLog: true }, log, linesFrom };
  } catch (error) {
    await held.giveBack();
    throw error;
  }
}

/** How the handle of a leased server is made. */
export interface HandleOptions extends Pick<ReadyVault, 'documentAt'> {
  /** A client of a server; undefined for connections of its own. */
  readonly connectionTo: (server: ServerFacts) => HttpClient | undefined;
}

/** The handle of a Vault that is leased; its `stop` gives it back. */
export function leasedVault(server: LeasedServer, { connectionTo, documentAt }: HandleOptions): StartedVault {
  const { version, token, auditLog = false } = server.facts;
  const seal = withoutSeal('a leased Vault is not sealed');
  const ready = opened(server, connectionTo(server.facts));
  return vaultHandle({ ...ready, token, version, seal, auditLog, documentAt });
}

/** The same of a Consul. */
export function leasedConsul(server: LeasedServer, { connectionTo, documentAt }: HandleOptions): StartedConsul {
  const { version, token } = server.facts;
  return consulHandle({ ...opened(server, connectionTo(server.facts)), token, version, documentAt });
}

function opened({ facts, exited, log, linesFrom, giveBack: stop }: LeasedServer, connection?: HttpClient): ReadyServer {
  const { engineReason, caPem, token } = facts;
  const running = { instance: { ...facts, exited, log, linesFrom, stop }, engineReason, caPem, secrets: [token] };
  return openServer(running, connection);
}
