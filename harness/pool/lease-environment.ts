import { refuseUnknownOptions } from '../../internal/known-options.js';
import { assembleEnvironment, type Environment } from '../environment.js';
import { checkImpersonate } from '../start-environment.js';
import { keptConnections } from './kept-connections.js';
import { type LeaseParts, leasePartsStarter, stopParts } from './lease-issuer.js';
import { type LeaseOptions, leaseOptions } from './lease-options.js';
import { giveBackAll, type LeasedServer, type LeaseServers, leasedConsul, leasedVault } from './leased-servers.js';

/** Makes environments of leased servers, each with an issuer of this process. */
export function leaser(leaseServers: LeaseServers): {
  lease(options?: LeaseOptions): Promise<Environment>;
  /** Ends the issuer that no one has leased, and the connections that are open. */
  stop(): Promise<void>;
} {
  const connections = keptConnections();
  const parts = leasePartsStarter();
  return {
    lease: async (options = {}) => {
      refuseUnknownOptions('lease', options, leaseOptions);
      const { issuer: issuerOptions, terraform, impersonate, ...wanted } = options;
      if (impersonate) checkImpersonate(impersonate);
      const impersonates = impersonate === undefined ? undefined : impersonate !== false;
      const servers = await leaseServers({ ...wanted, impersonates });
      const { outbound } = servers;
      const vendors = outbound && { authority: outbound.authority, urls: impersonate || outbound.vendors };
      /** The next lease's parts are begun when this one's server is given back, and not while a test runs. */
      const beginningNext = (server: LeasedServer): LeasedServer => ({
        ...server,
        giveBack: async () => {
          started?.giveBackKeys();
          parts.begin(vendors);
          await server.giveBack();
        },
      });
      let started: LeaseParts | undefined;
      try {
        started = await parts.start(issuerOptions, vendors);
        const { issuer, impersonation } = started;
        const open = {
          connectionTo: wanted.fresh ? () => undefined : connections.to,
          documentAt: impersonation?.outbound.documentAt,
        };
        if (impersonation) {
          await Promise.all([servers.vault, servers.consul].map((server) => server?.leadTo(impersonation.port)));
        }
        const vault = servers.vault && leasedVault(beginningNext(servers.vault), open);
        const consul = servers.consul && leasedConsul(beginningNext(servers.consul), open);
        return await assembleEnvironment({ issuer, vault, consul, impersonation }, terraform);
      } catch (error) {
        await Promise.all([giveBackAll(servers), started && stopParts(started)]);
        throw error;
      }
    },
    stop: async () => {
      connections.close();
      await parts.stop();
    },
  };
}
