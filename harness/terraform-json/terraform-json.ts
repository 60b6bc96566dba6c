import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../api/vault-api.js';

/** A resource as it is declared, before its references are resolved. */
export interface DeclaredResource {
  /** `<type>.<name>`, as references and messages have it. */
  readonly address: string;
  /** Where it stands in the stack, for messages; the address where the JSON doesn't tell. */
  readonly constructPath: string;
  readonly type: string;
  /** Its arguments, without `depends_on` and comments. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The addresses that `depends_on` names. */
  readonly dependsOn: readonly string[];
}

/** A Terraform configuration, as far as it is applied here. */
export interface TerraformConfig {
  readonly resources: readonly DeclaredResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The blocks that are there and can't be applied: `data`, `module`, ... */
  readonly otherBlocks: readonly string[];
}

const READ_BLOCKS = ['resource', 'output'];
/** They say how Terraform is to run, which is not how this runs. */
const IGNORED_BLOCKS = ['//', 'terraform', 'provider'];
const OTHER_BLOCKS = ['check', 'data', 'import', 'locals', 'module', 'moved', 'removed', 'variable'];

/**
 * Reads one configuration in Terraform's JSON syntax, as `cdktf synth` writes it.
 * @throws VaultproofError `not_terraform_json`
 * @see https://developer.hashicorp.com/terraform/language/syntax/json
 */
export function readTerraformJson(json: unknown): TerraformConfig {
  const root = object(json, 'the document');
  const known = [...READ_BLOCKS, ...IGNORED_BLOCKS, ...OTHER_BLOCKS];
  const strange = Object.keys(root).filter((name) => !known.includes(name));
  if (strange.length > 0 || Object.keys(root).length === 0) {
    throw notTerraform(strange.length > 0 ? `it has a block "${strange[0]}"` : 'it is empty');
  }
  const resources = Object.entries(object(root['resource'] ?? {}, '"resource"')).flatMap(([type, named]) =>
    Object.entries(object(named, `"resource.${type}"`)).map(([name, body]) =>
      declared(type, name, object(body, `"resource.${type}.${name}"`)),
    ),
  );
  const outputs = Object.entries(object(root['output'] ?? {}, '"output"')).map(
    ([name, body]) => [name, object(body, `"output.${name}"`)['value']] as const,
  );
  return {
    resources,
    outputs: Object.fromEntries(outputs),
    otherBlocks: OTHER_BLOCKS.filter((name) => {
      const block = root[name];
      return isRecord(block) ? Object.keys(block).length > 0 : block !== undefined;
    }),
  };
}

function declared(type: string, name: string, body: Readonly<Record<string, unknown>>): DeclaredResource {
  const { '//': comment, depends_on: dependsOn = [], ...attributes } = body;
  const address = `${type}.${name}`;
  if (!Array.isArray(dependsOn)) throw notTerraform(`"depends_on" of "${address}" is not a list`);
  const metadata = isRecord(comment) ? comment['metadata'] : undefined;
  const path = isRecord(metadata) ? metadata['path'] : undefined;
  return {
    address,
    constructPath: typeof path === 'string' ? path : address,
    type,
    attributes,
    dependsOn: dependsOn.map(String),
  };
}

function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw notTerraform(`${what} is not an object`);
}

function notTerraform(reason: string): VaultproofError {
  return new VaultproofError(
    'not_terraform_json',
    `this is not terraform's json: ${reason}; pass what "cdktf synth" writes to cdktf.out/stacks/<stack>/cdk.tf.json`,
  );
}
