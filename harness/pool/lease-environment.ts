import type { IssuerOptions, StartedIssuer } from '../../issuer/index.js';
import { assembleEnvironment, type Environment } from '../environment.js';
import type { TerraformRunOptions } from '../terraform/index.js';
import { keptConnections } from './kept-connections.js';
import {
  giveBackAll,
  type LeasedServer,
  type LeaseServers,
  leasedConsul,
  leasedVault,
  type ServersWanted,
} from './leased-servers.js';

/** What one lease is to be. */
export interface LeaseOptions extends ServersWanted {
  /** Options of the environment's issuer. */
  readonly issuer?: IssuerOptions | undefined;
  /** How Terraform is run where it is asked for. */
  readonly terraform?: TerraformRunOptions | undefined;
}

/** Makes environments of leased servers, each with an issuer of this process. */
export function leaser(leaseServers: LeaseServers): {
  lease(options?: LeaseOptions): Promise<Environment>;
  /** Ends the issuer that no one has leased, and the connections that are open. */
  stop(): Promise<void>;
} {
  const connections = keptConnections();
  let next: Promise<StartedIssuer> | undefined;
  let stopped = false;
  const issuerFor = async (options: IssuerOptions | undefined): Promise<StartedIssuer> => {
    const ready = options === undefined ? next : undefined;
    if (ready !== undefined) next = undefined;
    return ready ?? start(options);
  };
  /** The next lease's issuer is begun when this one's server is given back, and not while a test runs. */
  const withNext = (server: LeasedServer): LeasedServer => ({
    ...server,
    giveBack: async () => {
      if (!stopped) next ??= start();
      next?.catch(() => {});
      await server.giveBack();
    },
  });
  return {
    lease: async ({ issuer: issuerOptions, terraform, ...wanted } = {}) => {
      const servers = await leaseServers(wanted);
      try {
        const issuer = await issuerFor(issuerOptions);
        const connection = wanted.fresh ? () => undefined : connections.to;
        const vault = servers.vault && leasedVault(withNext(servers.vault), connection(servers.vault.facts));
        const consul = servers.consul && leasedConsul(withNext(servers.consul), connection(servers.consul.facts));
        return await assembleEnvironment({ issuer, vault, consul }, terraform);
      } catch (error) {
        await giveBackAll(servers);
        throw error;
      }
    },
    stop: async () => {
      stopped = true;
      connections.close();
      const ready = next;
      next = undefined;
      await (await ready?.catch(() => undefined))?.stop();
    },
  };
}

async function start(options?: IssuerOptions): Promise<StartedIssuer> {
  const { startIssuer } = await import('../../issuer/index.js');
  return startIssuer(options);
}
