import type { IssuerOptions, StartedIssuer } from '../../issuer/index.js';
import { assembleEnvironment, type Environment } from '../environment.js';
import type { TerraformRunOptions } from '../terraform/index.js';
import { giveBackAll, type LeaseServers, leasedConsul, leasedVault, type ServersWanted } from './leased-servers.js';

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
  /** Ends the issuer that no one has leased. */
  stop(): Promise<void>;
} {
  const issuers = ahead(async () => {
    const { startIssuer } = await import('../../issuer/index.js');
    return startIssuer();
  });
  const started = async (options: IssuerOptions | undefined): Promise<StartedIssuer> => {
    if (options === undefined) return issuers.next();
    const { startIssuer } = await import('../../issuer/index.js');
    return startIssuer(options);
  };
  return {
    lease: async ({ issuer: issuerOptions, terraform, ...wanted } = {}) => {
      const servers = await leaseServers(wanted);
      try {
        const issuer = await started(issuerOptions);
        const vault = servers.vault && leasedVault(servers.vault);
        const consul = servers.consul && leasedConsul(servers.consul);
        return await assembleEnvironment({ issuer, vault, consul }, terraform);
      } catch (error) {
        await giveBackAll(servers);
        throw error;
      }
    },
    stop: () => issuers.stop(),
  };
}

/** Issuers, each begun when the one before was taken. */
function ahead(start: () => Promise<StartedIssuer>): { next(): Promise<StartedIssuer>; stop(): Promise<void> } {
  let coming: Promise<StartedIssuer> | undefined;
  const begin = (): Promise<StartedIssuer> => {
    const begun = start();
    begun.catch(() => {});
    return begun;
  };
  return {
    next: async () => {
      const taken = coming ?? begin();
      coming = begin();
      return taken;
    },
    stop: async () => {
      await (await coming?.catch(() => undefined))?.stop();
      coming = undefined;
    },
  };
}
