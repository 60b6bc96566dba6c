import type { ApplyResult } from '../provision/direct.js';
import type { PlannedChange } from './plan-changes.js';
import type { FieldDifference } from './read-back/read-back.js';
import type { Sensitive } from './sensitive.js';

/** What an apply by Terraform did. Sensitive outputs are {@link Sensitive}: `reveal()` has their values. */
export interface TerraformApplyResult extends ApplyResult {
  readonly outputs: Readonly<Record<string, unknown | Sensitive>>;
  /** What a second plan would still change; empty unless `onPendingChanges` is `report`. */
  readonly pending: readonly PlannedChange[];
  /** What Vault does not have as it was declared. */
  readonly differences: readonly FieldDifference[];
}
