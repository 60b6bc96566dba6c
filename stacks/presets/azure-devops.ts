import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import {
  type AzureDevopsJobs,
  type AzureDevopsProps,
  azureDevopsAudience,
  azureDevopsIssuer,
  azureDevopsJobOptions,
  azureDevopsSubject,
} from './azure-devops-bounds.js';
import type { VendorBackend } from './claim-bounds.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { AzureDevopsProps } from './azure-devops-bounds.js';
export type { VendorBackend } from './claim-bounds.js';

/** Which jobs get in: those that may use a service connection. */
export interface AzureDevopsRoleProps extends Omit<PresetRoleProps, 'audience'>, AzureDevopsJobs {
  /** Default `api://AzureADTokenExchange`, the only one that Azure DevOps signs. */
  readonly audience?: string | readonly string[];
}

/**
 * The backend for the service connections of an organization of Azure DevOps, with the Azure DevOps issuer. It is retired
 * on 2027-07-01 for connections of single-tenant applications of Azure's public cloud.
 * @throws TypeError for an organization without its UUID
 * @see https://learn.microsoft.com/azure/devops/pipelines/release/convert-service-connections
 * @example
 * const backend = azureDevops({ organizationId: '6804a3a0-e94c-41ae-9343-c5676fd58375' });
 * new VaultJwtStack(app, 'azure-devops', { ...backend, roles: [role] });
 */
export function azureDevops(props: AzureDevopsProps): VendorBackend {
  return azureDevopsIssuer(props);
}

/**
 * A role for a service connection of Azure DevOps. The identity is its subject, which has the names of the organization,
 * the project and the connection. A token has no other claim to bind: no pipeline and no branch.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @see https://learn.microsoft.com/azure/devops/pipelines/release/configure-workload-identity
 * @example
 * const role = azureDevopsRole({
 *   roleName: 'deploy',
 *   organization: 'acme',
 *   project: 'shop',
 *   serviceConnection: 'vault',
 *   tokenPolicies: ['deploy'],
 * });
 */
export function azureDevopsRole(props: AzureDevopsRoleProps): VaultJwtRole {
  const { roleName, audience = azureDevopsAudience } = props;
  const what = `role "${roleName}"`;
  refuseUnknown(what, props, { ...roleOptions, ...azureDevopsJobOptions });
  return roleFor({ ...props, audience }, { userClaim: 'sub', subject: azureDevopsSubject(what, props), claims: {} });
}
