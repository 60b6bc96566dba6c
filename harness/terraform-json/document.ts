import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** The error for a document that is not Terraform's JSON, or not of the kind that is read there. */
export function notTerraformJson(reason: string): VaultproofError {
  return new VaultproofError(
    'not_terraform_json',
    `this is not terraform's json: ${reason}; pass what "cdktf synth" writes to cdktf.out/stacks/<stack>/cdk.tf.json` +
      ' (or, to lint, what "terraform show -json" prints of a plan)',
  );
}

/** How many objects, lists, brackets or blocks may stand in each other. Terraform's own documents have some 20. */
export const DEEPEST = 100;

/** Whether objects and lists of a JSON value are nested deeper than {@link DEEPEST}. */
export function isTooDeep(value: unknown): boolean {
  let level: readonly object[] = isNested(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    const below: object[] = [];
    for (const one of level) for (const member of Object.values(one)) if (isNested(member)) below.push(member);
    level = below;
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The blocks that a configuration may have at its root. */
export const ROOT_BLOCKS: readonly string[] = [
  ...['//', 'action', 'check', 'data', 'ephemeral', 'import', 'list', 'locals', 'module', 'moved', 'output'],
  ...['provider', 'removed', 'resource', 'terraform', 'variable'],
];

/**
 * The root of any document: a configuration, a plan or a state.
 * @throws VaultproofError `not_terraform_json` for what is not an object, or is nested deeper than {@link DEEPEST} levels
 */
export function documentRoot(json: unknown): Json {
  const root = object(json, 'the document');
  if (isTooDeep(root)) throw notTerraformJson(`it is nested deeper than ${DEEPEST} levels`);
  return root;
}

/**
 * The root of a configuration.
 * @throws VaultproofError `not_terraform_json`, also for a plan or a state
 */
export function configurationRoot(json: unknown): Json {
  const root = documentRoot(json);
  const isShown = typeof root['format_version'] === 'string';
  if (isShown && isRecord(root['planned_values'])) throw notTerraformJson('it is a plan, which only "lint" accepts');
  if (isShown || typeof root['terraform_version'] === 'string') throw notTerraformJson('it is a state');
  return root;
}

/** @throws VaultproofError `not_terraform_json` for a configuration that is empty or has another block at its root */
export function refuseUnknownBlocks(root: Json): void {
  const unknown = Object.keys(root).find((name) => !ROOT_BLOCKS.includes(name));
  if (unknown !== undefined) throw notTerraformJson(`it has a block "${unknown}"`);
  if (Object.keys(root).length === 0) throw notTerraformJson('it is empty');
}

/**
 * The bodies of a block: the syntax has an object or a list of objects.
 * @param what names it in a message
 * @returns an empty list where there is none
 * @throws VaultproofError `not_terraform_json`
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#nested-block-mapping
 */
export function blocks(value: unknown, what: string): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map((item) => object(item, what)) : [object(value, what)];
}

/** The same by the block's next label, such as a resource's type; without comments. */
export function labelled(value: unknown, what: string): readonly (readonly [label: string, body: unknown])[] {
  if (Array.isArray(value) && value.length === 0) throw notTerraformJson(`${what} is an empty list`);
  return required(value, what).flatMap((block) => Object.entries(block).filter(([label]) => label !== '//'));
}

/** A block with labels, such as a resource, as it is written. */
export interface LabelledBlock {
  /** `vault_policy`; the provider's name; for an output `output`. */
  readonly type: string;
  /** `vault_policy.reader`, `data.vault_policy_document.reader`, `output.x`, `provider.vault` */
  readonly address: string;
  /** The output's or the provider's name; a resource's name without its type. */
  readonly name: string;
  /** Where it stands in the stack, for messages; the address where the JSON doesn't tell. */
  readonly constructPath: string;
  /** Its arguments, nested blocks, meta-arguments and comment. */
  readonly body: Json;
}

/**
 * The resources, data sources, outputs or providers of a configuration. Blocks may stand in lists, at any label.
 * @throws VaultproofError `not_terraform_json`
 */
export function labelledBlocks(root: Json, kind: 'data' | 'output' | 'provider' | 'resource'): LabelledBlock[] {
  const outer = labelled(root[kind], `"${kind}"`);
  if (kind === 'output' || kind === 'provider') {
    return outer.flatMap(([name, bodies]) => {
      const address = `${kind}.${name}`;
      return required(bodies, `"${address}"`).map((body) =>
        labelledBlock(kind === 'output' ? kind : name, name, address, body),
      );
    });
  }
  return outer.flatMap(([type, named]) =>
    labelled(named, `"${kind}.${type}"`).flatMap(([name, bodies]) => {
      const address = kind === 'data' ? `data.${type}.${name}` : `${type}.${name}`;
      return required(bodies, `"${kind}.${type}.${name}"`).map((body) => labelledBlock(type, name, address, body));
    }),
  );
}

function labelledBlock(type: string, name: string, address: string, body: Json): LabelledBlock {
  const comment = body['//'];
  const metadata = isRecord(comment) ? comment['metadata'] : undefined;
  const path = isRecord(metadata) ? metadata['path'] : undefined;
  return { type, name, address, constructPath: typeof path === 'string' ? path : address, body };
}

/** A block that is null would be passed over. */
function required(value: unknown, what: string): readonly Json[] {
  return value === null ? [object(value, what)] : blocks(value, what);
}

function object(value: unknown, what: string): Json {
  if (isRecord(value)) return value;
  throw notTerraformJson(`${what} is not an object`);
}
