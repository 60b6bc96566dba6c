import { isRecord } from '../../../internal/json.js';
import { notTerraformJson } from './not-terraform-json.js';

/** How many names a block has before its body: a resource's type and its own, an output's own. */
const LABELS = { data: 2, locals: 0, output: 1, provider: 1, resource: 2 } as const;

/**
 * Checks that what is read of a configuration are objects, or lists of some: what is not would be passed over.
 * @throws VaultproofError `not_terraform_json`
 */
export function checkShape(json: Readonly<Record<string, unknown>>): void {
  for (const [name, labels] of Object.entries(LABELS)) {
    if (Object.hasOwn(json, name)) check(json[name], labels, name);
  }
}

function check(value: unknown, labels: number, where: string): void {
  if (Array.isArray(value)) {
    if (value.length === 0) throw notTerraformJson(`"${where}" is an empty list`);
    for (const item of value) check(item, labels, where);
    return;
  }
  if (!isRecord(value)) throw notTerraformJson(`"${where}" is not an object`);
  if (labels === 0) return;
  for (const [name, member] of Object.entries(value)) {
    if (name !== '//') check(member, labels - 1, `${where}.${name}`);
  }
}
