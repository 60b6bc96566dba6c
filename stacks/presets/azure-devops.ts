import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type PresetRoleProps, roleFor, roleOptions } from './bounds.js';
import { refuseWeak, uuid, type VendorBackend } from './claim-bounds.js';
import { refuseUnknown } from './known-options.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { VendorBackend } from './claim-bounds.js';

/** Whose issuer signs. */
export interface AzureDevopsProps {
  /** The organization's UUID: each organization has an issuer, and all of them have the same keys. */
  readonly organizationId: string;
}

/** Which jobs get in: those that may use a service connection. */
export interface AzureDevopsRoleProps extends Omit<PresetRoleProps, 'audience'> {
  /** The organization's name. */
  readonly organization: string;
  /** The project's name. */
  readonly project: string;
  /** The service connection's name; its permissions and checks in Azure DevOps say which pipelines may use it. */
  readonly serviceConnection: string;
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
  refuseUnknown<AzureDevopsProps>('Azure DevOps', props, { organizationId: true });
  const host = 'https://vstoken.dev.azure.com';
  const boundIssuer = `${host}/${uuid('organizationId', props.organizationId)}`;
  return { boundIssuer, jwksUrl: `${host}/.well-known/jwks`, jwtSupportedAlgs: ['RS256'] };
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
  const { roleName, audience = 'api://AzureADTokenExchange', organization, project, serviceConnection } = props;
  const what = `role "${roleName}"`;
  refuseUnknown(what, props, { ...roleOptions, organization: true, project: true, serviceConnection: true });
  if (organization === undefined) refuseWeak(what, 'every organization of Azure DevOps', 'organization');
  if (project === undefined) refuseWeak(what, 'every project of the organization', 'project');
  if (serviceConnection === undefined) refuseWeak(what, 'every service connection of the project', 'serviceConnection');
  const names = Object.entries({ organization, project, serviceConnection }).map(([option, name]) =>
    part(option, name),
  );
  return roleFor({ ...props, audience }, { userClaim: 'sub', subject: `sc://${names.join('/')}`, claims: {} });
}

/** A part of a subject: with a slash in it, it could be another's. */
function part(option: string, name: string): string {
  if (typeof name === 'string' && name.trim() !== '' && !name.includes('/')) return name;
  throw new TypeError(`"${option}" must be a name without "/", not ${JSON.stringify(name)}`);
}
