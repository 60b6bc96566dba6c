import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import {
  blocks,
  configurationRoot,
  type Json,
  type LabelledBlock,
  labelledBlocks,
  notTerraformJson,
  ROOT_BLOCKS,
  refuseUnknownBlocks,
} from './document.js';
import { namespaceOfProvider, type ProviderNamespaces, providerNamespaces } from './provider-namespaces.js';
import { mapStrings, normalised } from './templates.js';

/** A resource or a data source as it is declared, before its references are resolved. */
export interface DeclaredResource {
  /** Terraform's word: it makes a managed one, and reads a data source. */
  readonly mode: 'managed' | 'data';
  /** `<type>.<name>`, with `data.` before a data source's, as references and messages have it. */
  readonly address: string;
  /** Where it stands in the stack, for messages; the address where the JSON doesn't tell. */
  readonly constructPath: string;
  readonly type: string;
  /** Its arguments, without `depends_on`, `lifecycle`, `provider` and comments. */
  readonly attributes: Json;
  /** The namespace of its provider, from which its own counts; nothing for the one where the server is. */
  readonly providerNamespace: string;
  /** The arguments of its `lifecycle`; undefined where it has none. */
  readonly lifecycle?: Json | undefined;
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
const OTHER_BLOCKS = ROOT_BLOCKS.filter((name) => ![...READ_BLOCKS, ...IGNORED_BLOCKS].includes(name));

/**
 * Reads one configuration in Terraform's JSON syntax, as `cdktf synth` writes it. Every string is in Normalization Form C,
 * as Terraform keeps it.
 * @throws VaultproofError `not_terraform_json`, and `declaration_invalid` for what is declared twice
 * @see https://developer.hashicorp.com/terraform/language/syntax/json
 */
export function readTerraformJson(json: unknown): TerraformConfig {
  const root = mapStrings(configurationRoot(json), normalised) as Json;
  refuseUnknownBlocks(root);
  const namespaces = providerNamespaces(root);
  const resources = [...declaredIn(root, 'data', namespaces), ...declaredIn(root, 'resource', namespaces)];
  const outputs = labelledBlocks(root, 'output').map(({ name, body }) => [name, body['value']] as const);
  refuseTwice(resources.map(({ address }) => address));
  refuseTwice(outputs.map(([name]) => `output.${name}`));
  return {
    resources,
    outputs: Object.fromEntries(outputs),
    otherBlocks: OTHER_BLOCKS.filter((name) => {
      const block = root[name];
      return isRecord(block) ? Object.keys(block).length > 0 : block !== undefined;
    }),
  };
}

function declaredIn(root: Json, block: 'resource' | 'data', namespaces: ProviderNamespaces): DeclaredResource[] {
  const mode = block === 'data' ? 'data' : 'managed';
  return labelledBlocks(root, block).map((one) => declared(mode, one, namespaces));
}

function declared(
  mode: DeclaredResource['mode'],
  { type, address, constructPath, body }: LabelledBlock,
  namespaces: ProviderNamespaces,
): DeclaredResource {
  const { '//': _comment, depends_on: dependsOn = [], lifecycle, ...declaredArguments } = body;
  if (!Array.isArray(dependsOn)) throw notTerraformJson(`"depends_on" of "${address}" is not a list`);
  const lifecycles = blocks(lifecycle, `"lifecycle" of "${address}"`);
  return {
    mode,
    address,
    constructPath,
    type,
    ...ofProvider(type, withoutNull(declaredArguments), namespaces),
    lifecycle: lifecycles.length > 0 ? withoutNull(Object.assign({}, ...lifecycles)) : undefined,
    dependsOn: dependsOn.map(String),
  };
}

/** An argument that is null is one that is not there. */
function withoutNull(body: Json): Json {
  if (!Object.values(body).includes(null)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

function refuseTwice(addresses: readonly string[]): void {
  const seen = new Set<string>();
  const twice = addresses.find((address) => seen.size === seen.add(address).size);
  if (twice === undefined) return;
  throw new VaultproofError('declaration_invalid', `"${twice}" is declared twice: rename one`, {
    details: { address: twice },
  });
}

/**
 * A resource's arguments without its `provider`, and the namespace of that. A provider that is not configured stays, to be
 * refused by name.
 */
function ofProvider(
  type: string,
  declared: Json,
  namespaces: ProviderNamespaces,
): Pick<DeclaredResource, 'attributes' | 'providerNamespace'> {
  const { provider, ...attributes } = declared;
  const providerNamespace = namespaceOfProvider(type, provider, namespaces);
  if (providerNamespace === undefined) return { attributes: declared, providerNamespace: '' };
  return { attributes: provider === undefined ? declared : attributes, providerNamespace };
}
