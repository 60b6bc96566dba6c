import type { Issuer, TokenBuilder } from '../issuer.js';
import { checkOptions, type PresetOptions, type VendorKeys } from './preset.js';

/**
 * Azure DevOps, where each organization has an issuer, and all of them have one key set.
 * @see https://learn.microsoft.com/azure/devops/pipelines/release/configure-workload-identity
 */
export const azureDevopsKeys: VendorKeys = {
  isIssuer: ({ host }) => host === 'vstoken.dev.azure.com',
  jwksUri: (issuer) => new URL('/.well-known/jwks', issuer).href,
};

/** A job of Azure Pipelines that uses a service connection. */
export interface AzureServiceConnection {
  /** The organization's UUID, which is in the issuer. */
  readonly organizationId: string;
  /** The organization's name. */
  readonly organization: string;
  /** The project's name. */
  readonly project: string;
  /** The service connection's name. */
  readonly serviceConnection: string;
  /** Default `api://AzureADTokenExchange`, the only one that Azure DevOps signs. */
  readonly audience?: string;
  /** Claims instead of these, after all is derived; null leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const connectionOptions: PresetOptions<AzureServiceConnection> = {
  organizationId: 'required',
  organization: 'required',
  project: 'required',
  serviceConnection: 'required',
  audience: 'optional',
  claims: 'optional',
};

/**
 * The token of a service connection of Azure DevOps, signed with RS256. It is valid from 10 minutes before it was signed to
 * 5 minutes after. Left out are the tokens of pipelines without a service connection, which Microsoft does not document, and
 * connections that Microsoft Entra signs for.
 * @see https://learn.microsoft.com/azure/devops/pipelines/release/configure-workload-identity
 * @see https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create
 * @example
 * const organizationId = '6804a3a0-e94c-41ae-9343-c5676fd58375';
 * const connection = { organizationId, organization: 'acme', project: 'shop', serviceConnection: 'vault' };
 * const jwt = await issuer.sign(azureServiceConnection(connection));
 */
export function azureServiceConnection(connection: AzureServiceConnection): TokenBuilder {
  checkOptions('azureServiceConnection', connection, connectionOptions);
  const { organizationId, organization, project, serviceConnection } = connection;
  return Object.assign(
    ({ clock }: Issuer) => {
      const iat = clock.now();
      return {
        sub: `sc://${organization}/${project}/${serviceConnection}`,
        aud: connection.audience ?? 'api://AzureADTokenExchange',
        iss: `https://vstoken.dev.azure.com/${organizationId}`,
        nbf: iat - 600,
        exp: iat + 300,
        iat,
        ...connection.claims,
      };
    },
    { alg: 'RS256' as const },
  );
}
