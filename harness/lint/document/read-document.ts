import { isRecord } from '../../../internal/json.js';
import { DEEPEST, isTooDeep } from '../../terraform-json/nesting.js';
import type { LintDocument } from './block.js';
import { resourcesInEndpoints } from './generic-endpoint.js';
import { notTerraformJson } from './not-terraform-json.js';
import { readConfiguration } from './read-configuration.js';
import { readPlan } from './read-plan.js';

/**
 * Reads a configuration in Terraform's JSON syntax, or a plan as `terraform show -json` prints it.
 * @throws VaultproofError `not_terraform_json`
 */
export function readDocument(json: unknown): LintDocument {
  const document = readAny(json);
  return { ...document, blocks: [...document.blocks, ...resourcesInEndpoints(document.blocks)] };
}

function readAny(json: unknown): LintDocument {
  if (!isRecord(json)) throw notTerraformJson('the document is not an object');
  if (isTooDeep(json)) throw notTerraformJson(`it is nested deeper than ${DEEPEST} levels`);
  if (typeof json['format_version'] !== 'string') return readConfiguration(json);
  if (isRecord(json['planned_values'])) return readPlan(json);
  throw notTerraformJson(isRecord(json['values']) ? 'it is a state, not a plan' : 'it has no "planned_values"');
}
