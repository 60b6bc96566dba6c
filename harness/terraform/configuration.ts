import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { selectorTooDeep } from '../../stacks/consul-selector.js';
import { blocks, configurationRoot, type Json, labelled, labelledBlocks } from '../terraform-json/document.js';
import { type ProviderNamespaces, providerNamespaces } from '../terraform-json/provider-namespaces.js';
import { dataSourceTypes } from './reach-rules.js';

/** A provider that a configuration needs. */
interface RequiredProvider {
  /** Where it comes from, without the registry's own host: `hashicorp/vault`. */
  readonly source: string;
  /** Its block in `required_providers`. */
  readonly block: Json;
}

/** A configuration as it is written for Terraform, and what has to be known of it. */
export interface Configuration {
  readonly json: Json;
  /** By local name; Terraform's built-in provider is left out. */
  readonly providers: ReadonlyMap<string, RequiredProvider>;
  readonly hasModules: boolean;
  /** The resources of the root module by address, such as `vault_mount.kv`. */
  readonly resources: ReadonlyMap<string, DeclaredArguments>;
  /** Those of Vault's providers, as they are written for Terraform. */
  readonly namespaces: ProviderNamespaces;
}

/** What a configuration says of one resource. */
interface DeclaredArguments {
  /** Where it stands in the stack; the address where the JSON doesn't tell. */
  readonly constructPath: string;
  /** Its arguments as declared, with expressions. */
  readonly arguments: Json;
}

const BUILT_IN = 'terraform.io/builtin/terraform';
const REGISTRIES = /^registry\.(?:terraform\.io|opentofu\.org)\//;

/** What else there is says where the state is kept, or how it is encrypted: OpenTofu runs a command for that. */
const KEPT_OF_SETTINGS = ['//', 'required_version', 'required_providers', 'experiments'];

/** Of these providers' blocks only this is kept: which server, and as whom, is not the configuration's to say. */
const KEPT_OF_PROVIDER: Readonly<Record<string, readonly string[]>> = {
  'hashicorp/vault': ['alias', 'namespace', 'skip_child_token', 'max_lease_ttl_seconds', 'max_retries', 'token_name'],
  'hashicorp/consul': ['alias', 'datacenter', 'namespace'],
};

/**
 * Makes a configuration ready to be applied in a folder of ours: its state stays there (`backend`, `cloud` and the like
 * are left out), and its Vault and Consul are those of the environment (addresses, tokens and logins are left out).
 * @throws VaultproofError `not_terraform_json`, and `declaration_invalid` for a selector that Consul would be busy with
 * @see https://developer.hashicorp.com/terraform/language/syntax/json
 */
export function readConfiguration(json: unknown): Configuration {
  const root = configurationRoot(json);
  const settings = blocks(root['terraform'], '"terraform"').map((block) => only(KEPT_OF_SETTINGS, block));
  const providers = requiredProviders(root, settings);
  const provider = Object.fromEntries(
    labelled(root['provider'], '"provider"').map(([name, body]) => {
      const keep = keptOfProvider(providers.get(name)?.source);
      return [name, blocks(body, `"provider.${name}"`).map((block) => only(keep, block))];
    }),
  );
  const declared = new Map(resources(root));
  refuseDeepSelectors(declared);
  const { terraform: _terraform, provider: _provider, ...rest } = root;
  return {
    json: {
      ...rest,
      // cdktf writes an object; the syntax also allows a list of them.
      ...(settings.length === 0 ? {} : { terraform: settings.length === 1 ? settings[0] : settings }),
      ...(Object.keys(provider).length === 0 ? {} : { provider }),
    },
    providers,
    hasModules: blocks(root['module'], '"module"').some((block) => Object.keys(block).length > 0),
    resources: declared,
    namespaces: providerNamespaces(root),
  };
}

/** The arguments of a provider that a configuration decides on; undefined for all. */
export function keptOfProvider(source = ''): readonly string[] | undefined {
  return KEPT_OF_PROVIDER[source];
}

/** Where a resource stands in the stack, by its address as Terraform has it, instance keys included. */
export function constructPathOf(configuration: Configuration, address: string): string {
  return configuration.resources.get(withoutKeys(address))?.constructPath ?? address;
}

/** An address without `[0]` and `["key"]`. */
export function withoutKeys(address: string): string {
  return address.replaceAll(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g, '');
}

function requiredProviders(root: Json, settings: readonly Json[]): Map<string, RequiredProvider> {
  const declared = settings
    .flatMap((block) => blocks(block['required_providers'], '"required_providers"'))
    .flatMap((block) => Object.entries(block));
  // A provider that nobody names is the one that the type's name begins with.
  const implied = [...labelled(root['resource'], '"resource"').map(([type]) => type), ...dataSourceTypes(root)]
    .map((type) => type.split('_')[0] ?? type)
    .map((name) => [name, {}] as const);
  const configured = blocks(root['provider'], '"provider"')
    .flatMap((block) => Object.keys(block))
    .map((name) => [name, {}] as const);
  const providers = new Map<string, RequiredProvider>();
  for (const [name, body] of [...declared, ...configured, ...implied]) {
    if (providers.has(name)) continue;
    const written = isRecord(body) ? body : { version: body };
    const source = sourceOf(name, written['source']);
    if (source === BUILT_IN) continue;
    providers.set(name, { source, block: { ...written, source: written['source'] ?? source } });
  }
  return providers;
}

/** A provider's source without the host of Terraform's or OpenTofu's own registry; with any other host. */
export function withoutRegistry(source: string): string {
  return source.replace(REGISTRIES, '');
}

function sourceOf(name: string, written: unknown): string {
  if (typeof written !== 'string') return name === 'terraform' ? BUILT_IN : `hashicorp/${name}`;
  const source = withoutRegistry(written.toLowerCase());
  return source.includes('/') ? source : `hashicorp/${source}`;
}

function resources(root: Json): [string, DeclaredArguments][] {
  return labelledBlocks(root, 'resource').map(({ address, constructPath, body }) => {
    const { '//': _comment, ...given } = body;
    return [address, { constructPath, arguments: given }];
  });
}

/** The provider writes them, and then Consul answers nobody for minutes. */
function refuseDeepSelectors(declared: Configuration['resources']): void {
  for (const [address, { constructPath, arguments: given }] of declared) {
    if (!address.startsWith('consul_acl_binding_rule.')) continue;
    const mistake = selectorTooDeep(String(given['selector'] ?? ''));
    if (mistake === undefined) continue;
    throw new VaultproofError('declaration_invalid', `"${constructPath}" is not valid: ${mistake}`, {
      details: { address, constructPath },
    });
  }
}

function only(names: readonly string[] | undefined, block: Json): Json {
  if (names === undefined) return block;
  return Object.fromEntries(Object.entries(block).filter(([name]) => names.includes(name)));
}
