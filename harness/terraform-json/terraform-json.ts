import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../api/vault-api.js';

/** A resource or a data source as it is declared, before its references are resolved. */
export interface DeclaredResource {
  /** Terraform's word: it makes a managed one, and reads a data source. */
  readonly mode: 'managed' | 'data';
  /** `<type>.<name>`, with `data.` before a data source's, as references and messages have it. */
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
  /** The blocks that are there and can't be applied: `module`, `variable`, ... */
  readonly otherBlocks: readonly string[];
}

const READ_BLOCKS = ['resource', 'data', 'output'];
/** They say how Terraform is to run, which is not how this runs. */
const IGNORED_BLOCKS = ['//', 'terraform', 'provider'];
const OTHER_BLOCKS = ['check', 'import', 'locals', 'module', 'moved', 'removed', 'variable'];

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
  const resources = [...declaredIn(root, 'data'), ...declaredIn(root, 'resource')];
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

function declaredIn(root: Readonly<Record<string, unknown>>, block: 'resource' | 'data'): DeclaredResource[] {
  const types = Object.entries(object(root[block] ?? {}, `"${block}"`));
  return types.flatMap(([type, named]) =>
    Object.entries(object(named, `"${block}.${type}"`)).map(([name, body]) =>
      declared(block === 'data' ? 'data' : 'managed', type, name, object(body, `"${block}.${type}.${name}"`)),
    ),
  );
}

function declared(
  mode: DeclaredResource['mode'],
  type: string,
  name: string,
  body: Readonly<Record<string, unknown>>,
): DeclaredResource {
  const { '//': comment, depends_on: dependsOn = [], ...declaredArguments } = body;
  const address = mode === 'data' ? `data.${type}.${name}` : `${type}.${name}`;
  if (!Array.isArray(dependsOn)) throw notTerraform(`"depends_on" of "${address}" is not a list`);
  const metadata = isRecord(comment) ? comment['metadata'] : undefined;
  const path = isRecord(metadata) ? metadata['path'] : undefined;
  // An argument that is null is one that is not there.
  const hasNull = Object.values(declaredArguments).includes(null);
  return {
    mode,
    address,
    constructPath: typeof path === 'string' ? path : address,
    type,
    attributes: hasNull
      ? Object.fromEntries(Object.entries(declaredArguments).filter(([, value]) => value !== null))
      : declaredArguments,
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
