import { type KnownOptions, refuseUnknown } from '../known-options.js';
import { type ClaimBounds, refuseWeak, type VendorBackend } from './claim-bounds.js';

/** Which HCP Terraform signs. */
export interface HcpTerraformProps {
  /** The host of a Terraform Enterprise, or of HCP Europe; default `app.terraform.io`. */
  readonly host?: string;
}

/** Which runs get in: those of a workspace or a project, in the phases that are named. */
export interface HcpTerraformRuns {
  /** `org-...`: the issuer is shared by all organizations. */
  readonly organizationId: string;
  /** `prj-...` */
  readonly projectId?: string;
  /** `ws-...` */
  readonly workspaceId?: string;
  /** A plan runs what a pull request proposes: what writes is for `apply` alone. */
  readonly runPhase: 'plan' | 'apply' | readonly ('plan' | 'apply')[];
}

/** The options that say which runs get in. */
export const hcpTerraformRunOptions: KnownOptions<HcpTerraformRuns> = {
  organizationId: true,
  projectId: true,
  workspaceId: true,
  runPhase: true,
};

/**
 * Who signs the tokens of HCP Terraform and Terraform Enterprise.
 * @see https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens
 */
export function hcpTerraformIssuer(props: HcpTerraformProps = {}): VendorBackend {
  refuseUnknown<HcpTerraformProps>('HCP Terraform', props, { host: true });
  const { host = 'app.terraform.io' } = props;
  const boundIssuer = `https://${host}`;
  return { boundIssuer, jwksUrl: `${boundIssuer}/.well-known/jwks`, jwtSupportedAlgs: ['RS256'] };
}

/**
 * What the tokens of some runs must have.
 * @param what the role or the rule, for messages
 * @throws TypeError for bounds that let strangers in; the message says what to add
 */
export function hcpTerraformClaims(what: string, props: HcpTerraformRuns): ClaimBounds {
  const { organizationId, projectId, workspaceId, runPhase } = props;
  const weak = (who: string, add: string): never => refuseWeak(what, who, add);
  if (organizationId === undefined) weak('every organization of HCP Terraform', 'organizationId');
  if ((projectId ?? workspaceId) === undefined) weak('the whole organization', 'workspaceId or projectId');
  if (runPhase === undefined) weak('plans, which run what was proposed', 'runPhase');
  return {
    terraform_organization_id: idWith('org-', organizationId),
    terraform_project_id: projectId === undefined ? undefined : idWith('prj-', projectId),
    terraform_workspace_id: workspaceId === undefined ? undefined : idWith('ws-', workspaceId),
    terraform_run_phase: runPhase,
  };
}

function idWith(prefix: string, id: string): string {
  if (id.startsWith(prefix)) return id;
  throw new TypeError(
    `"${id}" is not an id of HCP Terraform: give the id, which begins with "${prefix}"; a name may change`,
  );
}
