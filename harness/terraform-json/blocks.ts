import { isRecord } from '../../internal/json.js';
import { DEEPEST, isTooDeep } from './nesting.js';
import { notTerraformJson } from './not-terraform-json.js';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * The bodies of a block: the syntax takes an object or a list of objects.
 * @param what names it in a message
 * @returns an empty list where there is none
 * @throws VaultproofError `not_terraform_json`
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#nested-block-mapping
 */
export function blocks(value: unknown, what: string): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map((item) => object(item, what)) : [object(value, what)];
}

/** The same by the block's next label, such as a resource's type. */
export function labelled(value: unknown, what: string): readonly (readonly [label: string, body: unknown])[] {
  if (Array.isArray(value) && value.length === 0) throw notTerraformJson(`${what} is an empty list`);
  return blocks(value, what).flatMap((block) => Object.entries(block));
}

/**
 * A document's root.
 * @throws VaultproofError `not_terraform_json` for what is no object, and for a plan or a state
 */
export function rootOf(json: unknown): Json {
  const root = object(json, 'the document');
  if (isTooDeep(root)) throw notTerraformJson(`it is nested deeper than ${DEEPEST} levels`);
  const isShown = typeof root['format_version'] === 'string';
  if (isShown && isRecord(root['planned_values'])) throw notTerraformJson('it is a plan, which only "lint" accepts');
  if (isShown || typeof root['terraform_version'] === 'string') throw notTerraformJson('it is a state');
  return root;
}

function object(value: unknown, what: string): Json {
  if (isRecord(value)) return value;
  throw notTerraformJson(`${what} is not an object`);
}
