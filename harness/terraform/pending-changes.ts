import { VaultproofError } from '../../errors/index.js';
import type { PlanContents, PlannedChange } from './plan-changes.js';
import type { FieldDifference } from './read-back.js';

/** @throws VaultproofError `plan_not_empty` when a plan that followed an apply would change something */
export function refusePending(
  { changes, changedOutputs: outputs }: PlanContents,
  differences: readonly FieldDifference[],
): void {
  if (changes.length === 0 && outputs.length === 0) return;
  const texts = changes.map(({ constructPath, action, attributes }) =>
    attributes.length === 0
      ? `${action} "${constructPath}"`
      : `${action} "${constructPath}" (${attributes.join(', ')})`,
  );
  const all = [...texts, ...outputs.map((name) => `output "${name}"`)].join('; ');
  const stuck = changes.filter((change) => isNeverUnset(change, differences)).map(({ address }) => address);
  const replace = `the provider does not unset what is no longer declared, so replace it: ${stuck.map((address) => `terraform apply -replace=${address}`).join(', ')}`;
  const declare = 'the server or the provider stores another value, so declare that value';
  const advice = [
    ...(stuck.length > 0 ? [replace] : []),
    ...(stuck.length < changes.length + outputs.length ? [declare] : []),
  ];
  throw new VaultproofError(
    'plan_not_empty',
    `it was applied, and a second plan is not empty: ${all}; ${advice.join('; ')}`,
    { details: { changes, outputs, differences, replace: stuck } },
  );
}

/** Whether all that would change is still there because it was once declared, and can go with the resource alone. */
function isNeverUnset({ address, attributes }: PlannedChange, differences: readonly FieldDifference[]): boolean {
  const left = differences.filter((one) => one.address === address && one.declared === undefined);
  return attributes.length > 0 && attributes.every((name) => left.some(({ field }) => field === name));
}

/** @throws VaultproofError `read_back_differs` when there is any */
export function refuseDifferences(differences: readonly FieldDifference[]): void {
  if (differences.length === 0) return;
  const fields = differences.map(({ constructPath, field }) => `"${field}" of "${constructPath}"`);
  throw new VaultproofError(
    'read_back_differs',
    `it was applied, and the server differs from the declaration: ${fields.join(', ')}; ` +
      'destroy it and apply again, or declare what the server has',
    { details: { differences } },
  );
}
