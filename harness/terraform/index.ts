export type { PlannedChange } from './plan-changes.js';
export type { FieldDifference } from './read-back/read-back.js';
export { Sensitive } from './sensitive.js';
export type { TerraformApplyResult } from './terraform-apply-result.js';
export type { TerraformConsul, TerraformOptions, TerraformRunOptions, TerraformServer } from './terraform-options.js';
export { type TerraformProvisioner, terraformProvisioner } from './terraform-provisioner.js';
