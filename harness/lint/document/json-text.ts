import { DEEPEST, isTooDeep } from '../../terraform-json/nesting.js';
import { notTerraformJson } from './not-terraform-json.js';

/**
 * The value of an argument that is JSON.
 * @returns undefined where it is none
 * @throws VaultproofError `not_terraform_json` where it is nested too deep to be looked into
 */
export function jsonText(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (isTooDeep(value)) throw notTerraformJson(`JSON in an argument is nested deeper than ${DEEPEST} levels`);
  return value;
}
