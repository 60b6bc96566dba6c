import type { TerraformElement } from 'cdktf';

/**
 * What is meant although a stack refuses it, or `vaultproof lint` finds it: by its code, with the reason for each; default
 * none.
 */
export type Allowances = Readonly<Record<string, string>>;

/** Writes allowances where lints find them: into a comment, which Terraform passes over. */
export function permit(resource: TerraformElement, allow: Allowances = {}): void {
  if (Object.keys(allow).length > 0) resource.addOverride('//.vaultproof.allow', allow);
}
