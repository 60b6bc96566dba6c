import { refuseUnknown } from '../known-options.js';
import type { VaultJwtRole } from '../vault-jwt-role.js';
import type { VendorBackend } from './claim-bounds.js';
import {
  type HcpTerraformProps,
  type HcpTerraformRuns,
  hcpTerraformClaims,
  hcpTerraformIssuer,
  hcpTerraformRunOptions,
} from './hcp-terraform-bounds.js';
import { type PresetRoleProps, roleFor, roleOptions } from './preset-role.js';

export type { VaultJwtRole } from '../vault-jwt-role.js';
export type { VendorBackend } from './claim-bounds.js';
export type { HcpTerraformProps } from './hcp-terraform-bounds.js';

/** Which runs get in: those of a workspace or a project, in the phases that are named. */
export interface HcpTerraformRoleProps extends Omit<PresetRoleProps, 'audience'>, HcpTerraformRuns {
  /** What the workspace has in TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE; default `vault.workload.identity`. */
  readonly audience?: string | readonly string[];
}

/**
 * The backend for HCP Terraform and Terraform Enterprise.
 * @see https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens
 * @example
 * new VaultJwtStack(app, 'tfc', { ...hcpTerraform(), roles: [role] });
 */
export function hcpTerraform(props: HcpTerraformProps = {}): VendorBackend {
  return hcpTerraformIssuer(props);
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
  refuseUnknown(what, props, { ...roleOptions, ...hcpTerraformRunOptions });
  const { audience = 'vault.workload.identity' } = props;
  const claims = hcpTerraformClaims(what, props);
  return roleFor(
    { ...props, audience },
    { tokenTtl: 1_200, tokenMaxTtl: 1_200, userClaim: 'terraform_workspace_id', claims },
  );
}
