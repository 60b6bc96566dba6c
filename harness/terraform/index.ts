export type { PlannedChange } from './plan-changes.js';
export type { FieldDifference } from './read-back.js';
export type {
  TerraformApplyResult,
  TerraformOptions,
  TerraformRunOptions,
  TerraformServer,
} from './terraform-options.js';
export { Sensitive, terraformRunOptions } from './terraform-options.js';
export {
  type RootModuleProvisioner,
  rootModuleProvisioner,
  type TerraformProvisioner,
  terraformProvisioner,
} from './terraform-provisioner.js';
