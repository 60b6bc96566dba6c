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
  /** Its arguments, without `depends_on`, `lifecycle`, `provider` and comments, in the namespace of its provider. */
  readonly attributes: Json;
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
    attributes: inProvidersNamespace(type, withoutNull(declaredArguments), namespaces),
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

/** The namespaces of Vault's providers, by what a resource's `provider` names: `vault`, `vault.team`. */
export type ProviderNamespaces = ReadonlyMap<string, string>;

/**
 * Reads the provider blocks of a configuration; a provider without a namespace has an empty one.
 * @throws VaultproofError `not_terraform_json`
 * @see https://developer.hashicorp.com/terraform/language/providers/configuration
 */
export function providerNamespaces(root: Json): ProviderNamespaces {
  const configured = labelledBlocks(root, 'provider').map(({ name, body: { alias, namespace } }) => {
    const key = typeof alias === 'string' ? `${name}.${alias}` : name;
    return [key, typeof namespace === 'string' ? namespace : ''] as const;
  });
  return new Map(configured);
}

/**
 * A resource's arguments without its `provider`, and with the namespace that they are in: its own is relative to its
 * provider's. A provider that is not configured stays, to be refused by name.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs#namespace-support
 */
export function inProvidersNamespace(type: string, declared: Json, namespaces: ProviderNamespaces): Json {
  const [local = ''] = type.split('_');
  const named = typeof declared['provider'] === 'string' ? bare(declared['provider']) : undefined;
  const outer = namespaces.get(named ?? local);
  if (outer === undefined && named !== undefined && named !== local) return declared;
  const { provider: _provider, ...others } = declared;
  const all = named === undefined ? declared : others;
  if (!outer || local !== 'vault') return all;
  const inner = all['namespace'];
  if (typeof inner !== 'string' || inner === '') return { ...all, namespace: outer };
  return { ...all, namespace: `${outer.replace(/\/+$/, '')}/${inner.replace(/^\/+/, '')}` };
}

/** The syntax takes a reference as it is, and as an expression. */
function bare(reference: string): string {
  return reference.replace(/^\$\{\s*(.*?)\s*\}$/, '$1');
}
