import type { VaultJwtRole } from '../vault-jwt-role.js';
import { type PresetRoleProps, roleFor, roleOptions } from './bounds.js';
import { refuseWeak, type VendorBackend } from './claim-bounds.js';
import { refuseUnknown } from './known-options.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { VendorBackend } from './claim-bounds.js';

/** Which HCP Terraform signs. */
export interface HcpTerraformProps {
  /** The host of a Terraform Enterprise, or of HCP Europe; default `app.terraform.io`. */
  readonly host?: string;
}

/** Which runs get in: those of a workspace or a project, in the phases that are named. */
export interface HcpTerraformRoleProps extends Omit<PresetRoleProps, 'audience'> {
  /** What the workspace has in TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE; default `vault.workload.identity`. */
  readonly audience?: string | readonly string[];
  /** `org-...`: the issuer is shared by all organizations. */
  readonly organizationId: string;
  /** `prj-...` */
  readonly projectId?: string;
  /** `ws-...` */
  readonly workspaceId?: string;
  /** A plan runs what a pull request proposes: what writes is for `apply` alone. */
  readonly runPhase: 'plan' | 'apply' | readonly ('plan' | 'apply')[];
}

/**
 * The backend for HCP Terraform and Terraform Enterprise.
 * @see https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens
 * @example
 * new VaultJwtStack(app, 'tfc', { ...hcpTerraform(), roles: [role] });
 */
export function hcpTerraform(props: HcpTerraformProps = {}): VendorBackend {
  refuseUnknown<HcpTerraformProps>('HCP Terraform', props, { host: true });
  const { host = 'app.terraform.io' } = props;
  const boundIssuer = `https://${host}`;
  return { boundIssuer, jwksUrl: `${boundIssuer}/.well-known/jwks`, jwtSupportedAlgs: ['RS256'] };
}

/**
 * A role for runs of HCP Terraform. The identity is the workspace (`terraform_workspace_id`), whatever it is called;
 * tests of modules have none, and are kept out. The Vault token lives for 20 minutes by default, as HashiCorp's guide
 * has it, since a run may take that long.
 * @throws TypeError for bounds that let strangers in; the message says what to add
 * @example
 * const role = hcpTerraformRole({
 *   roleName: 'prod-apply',
 *   organizationId: 'org-1',
 *   workspaceId: 'ws-1',
 *   runPhase: 'apply',
 *   tokenPolicies: ['prod'],
 * });
 */
export function hcpTerraformRole(props: HcpTerraformRoleProps): VaultJwtRole {
  const what = `role "${props.roleName}"`;
  const own = { organizationId: true, projectId: true, workspaceId: true, runPhase: true } as const;
  refuseUnknown(what, props, { ...roleOptions, ...own });
  const { organizationId, projectId, workspaceId, runPhase } = props;
  const { audience = 'vault.workload.identity' } = props;
  const weak = (who: string, add: string): never => refuseWeak(what, who, add);
  if (organizationId === undefined) weak('every organization of HCP Terraform', 'organizationId');
  if ((projectId ?? workspaceId) === undefined) weak('the whole organization', 'workspaceId or projectId');
  if (runPhase === undefined) weak('plans, which run what was proposed', 'runPhase');
  return roleFor(
    { ...props, audience },
    {
      tokenTtl: 1_200,
      tokenMaxTtl: 1_200,
      userClaim: 'terraform_workspace_id',
      claims: {
        terraform_organization_id: idWith('org-', organizationId),
        terraform_project_id: projectId === undefined ? undefined : idWith('prj-', projectId),
        terraform_workspace_id: workspaceId === undefined ? undefined : idWith('ws-', workspaceId),
        terraform_run_phase: runPhase,
      },
    },
  );
}

function idWith(prefix: string, id: string): string {
  if (id.startsWith(prefix)) return id;
  throw new TypeError(
    `"${id}" is not an id of HCP Terraform: give the id, which begins with "${prefix}"; a name may change`,
  );
}
