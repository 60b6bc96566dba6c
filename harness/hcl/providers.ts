import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { blocks, type Json } from '../terraform-json/document.js';
import {
  type NamespacesOfProviders,
  type ProviderNamespaces,
  providerKey,
  trimmedNamespace,
} from '../terraform-json/provider-namespaces.js';
import { bareReference } from '../terraform-json/templates.js';
import type { ModuleConfiguration, ResourceBlock } from './configuration.js';
import { documentValue } from './json-values.js';
import { knownDeep, type MapValue } from './values.js';

/** Which of the root module's providers a name stands for in a module, by the name of its source: `vault`, `vault.team`. */
export type RootProvider = (name: string) => string;

/**
 * The names of a root module's providers by those of their sources: two local names of one source are the same provider.
 * @see https://developer.hashicorp.com/terraform/language/providers/requirements#local-names
 */
export function bySource(configuration: ModuleConfiguration): RootProvider {
  const required = requiredIn(configuration);
  return (name) => {
    const [local = '', ...alias] = name.split('.');
    return [sourceName(required.get(local)) ?? local, ...alias].join('.');
  };
}

/** The local names of a module's providers that `required_providers` declares or a provider block has. */
function localNames(configuration: ModuleConfiguration): readonly string[] {
  return [...new Set([...requiredIn(configuration).keys(), ...configuration.providers.map(([name]) => name)])];
}

function requiredIn({ files }: ModuleConfiguration): ReadonlyMap<string, unknown> {
  const settings = files.flatMap(({ json }) => blocks(json['terraform'], '"terraform"'));
  const required = settings.flatMap((one) => blocks(one['required_providers'], '"required_providers"'));
  return new Map(required.flatMap((one) => Object.entries(one)));
}

/** `vault` of `hashicorp/vault`; any other source as a whole. */
function sourceName(required: unknown): string | undefined {
  const source = isRecord(required) ? required['source'] : undefined;
  if (typeof source !== 'string') return undefined;
  return /^(?:(?:[^/]+\/)?hashicorp\/)?([^/]+)$/i.exec(source)?.[1]?.toLowerCase() ?? source.replaceAll('.', '_');
}

/** The same in a module that is called. What `providers` does not name it has from its caller. */
export function inCalledModule(
  { providers }: Json,
  configuration: ModuleConfiguration,
  outer: RootProvider,
): RootProvider {
  const own = bySource(configuration);
  if (!isRecord(providers)) return (name) => outer(own(name));
  const given = new Map(
    Object.entries(providers).map(([name, provider]) => [own(name), outer(bareReference(String(provider)))]),
  );
  return (name) => given.get(own(name)) ?? outer(own(name));
}

/** The provider of a resource in its module: the one it names, else the one that its type begins with. */
export function providerName({ type, body }: ResourceBlock): string {
  return body['provider'] === undefined ? type.replace(/_.*/, '') : bareReference(String(body['provider']));
}

/** A provider block of the root module. */
export interface ConfiguredProvider {
  /** The local name, as it is written. */
  readonly name: string;
  /** The name of its source. */
  readonly source: string;
  readonly values: MapValue;
}

/** What a resource's `provider` may name, by the name of its source: the block's own words for it. */
export function writtenNames(configured: readonly ConfiguredProvider[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { name, source, values } of configured) {
    const alias = values.get('alias');
    const [key, written] = [providerKey(source, alias), providerKey(name, alias)];
    const before = names.get(key) ?? written;
    if (before !== written) {
      throw new VaultproofError(
        'declaration_invalid',
        `the providers "${before}" and "${written}" have the same source, and Terraform takes either: give one of them an alias`,
        { details: { providers: [before, written] } },
      );
    }
    names.set(key, written);
  }
  return names;
}

/**
 * The namespaces of a root module's Vault providers, without slashes at their ends. Where only an apply tells, there are references in one.
 * @param configured an override is behind what it overrides
 */
export function declaredNamespaces(configured: readonly ConfiguredProvider[]): ProviderNamespaces {
  const namespaces = new Map<string, string>();
  for (const { source, values } of configured) {
    const key = providerKey(source, values.get('alias'));
    if (values.has('namespace') || !namespaces.has(key)) namespaces.set(key, namespaceOf(values));
  }
  return namespaces;
}

function namespaceOf(values: MapValue): string {
  return trimmedNamespace(String(documentValue(knownDeep(values.get('namespace') ?? ''))));
}

/** The namespaces of a root module's providers by what provider blocks and resources call them, too. */
export function byLocalName(
  configuration: ModuleConfiguration,
  { base, relative }: NamespacesOfProviders,
): NamespacesOfProviders {
  const provider = bySource(configuration);
  const named = localNames(configuration).flatMap((name) =>
    [...relative].flatMap(([key, namespace]) => {
      const [source = '', ...alias] = key.split('.');
      return provider(name) === source ? [[[name, ...alias].join('.'), namespace] as const] : [];
    }),
  );
  return { base, relative: new Map([...relative, ...named]) };
}
