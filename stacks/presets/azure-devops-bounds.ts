import { type KnownOptions, refuseUnknown } from '../known-options.js';
import { refuseWeak, uuid, type VendorBackend } from './claim-bounds.js';

/** The audience of every token: Azure DevOps signs no other. */
export const azureDevopsAudience = 'api://AzureADTokenExchange';

/** Whose issuer signs. */
export interface AzureDevopsProps {
  /** The organization's UUID: each organization has an issuer, and all of them have the same keys. */
  readonly organizationId: string;
}

/** Which jobs get in: those that may use a service connection. */
export interface AzureDevopsJobs {
  /** The organization's name. */
  readonly organization: string;
  /** The project's name. */
  readonly project: string;
  /** The service connection's name; its permissions and checks in Azure DevOps say which pipelines may use it. */
  readonly serviceConnection: string;
}

/** The options that say which jobs get in. */
export const azureDevopsJobOptions: KnownOptions<AzureDevopsJobs> = {
  organization: true,
  project: true,
  serviceConnection: true,
};

/**
 * Who signs the tokens of an organization of Azure DevOps.
 * @throws TypeError for an organization without its UUID
 * @see https://learn.microsoft.com/azure/devops/pipelines/release/convert-service-connections
 */
export function azureDevopsIssuer(props: AzureDevopsProps): VendorBackend {
  refuseUnknown<AzureDevopsProps>('Azure DevOps', props, { organizationId: true });
  const host = 'https://vstoken.dev.azure.com';
  const boundIssuer = `${host}/${uuid('organizationId', props.organizationId)}`;
  return { boundIssuer, jwksUrl: `${host}/.well-known/jwks`, jwtSupportedAlgs: ['RS256'] };
}

/**
 * The subject of a service connection.
 * @param what the role or the rule, for messages
 * @throws TypeError for bounds that let strangers in; the message says what to add
 */
export function azureDevopsSubject(
  what: string,
  { organization, project, serviceConnection }: AzureDevopsJobs,
): string {
  if (organization === undefined) refuseWeak(what, 'every organization of Azure DevOps', 'organization');
  if (project === undefined) refuseWeak(what, 'every project of the organization', 'project');
  if (serviceConnection === undefined) refuseWeak(what, 'every service connection of the project', 'serviceConnection');
  const names = Object.entries({ organization, project, serviceConnection }).map(([option, name]) =>
    part(option, name),
  );
  return `sc://${names.join('/')}`;
}

/** A part of a subject: with a slash in it, it could be another's. */
function part(option: string, name: string): string {
  if (typeof name === 'string' && name.trim() !== '' && !name.includes('/')) return name;
  throw new TypeError(`"${option}" must be a name without "/", not ${JSON.stringify(name)}`);
}
