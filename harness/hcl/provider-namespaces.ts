import { isRecord } from '../../internal/json.js';
import type { ProviderNamespaces } from '../terraform-json/configuration.js';
import type { Json } from '../terraform-json/document.js';
import type { ResourceBlock } from './configuration.js';
import { documentValue } from './json-values.js';
import type { MapValue } from './values.js';

/** Which of the root module's providers a name stands for in a module: `vault`, `vault.team`. */
export type RootProvider = (name: string) => string;

/** The same in a module that is called. What `providers` does not name it has from its caller. */
export function inCalledModule({ providers }: Json, outer: RootProvider): RootProvider {
  if (!isRecord(providers)) return outer;
  const given = new Map(Object.entries(providers).map(([name, provider]) => [name, outer(bare(provider))]));
  return (name) => given.get(name) ?? outer(name);
}

/** The provider of a resource in its module: the one it names, else the one that its type begins with. */
export function providerName({ type, body }: ResourceBlock): string {
  return body['provider'] === undefined ? type.replace(/_.*/, '') : bare(body['provider']);
}

/**
 * The namespaces of Vault's providers with an alias. That of the provider without one is where a test's server is: the others
 * count from there.
 * @param configured the root module's
 */
export function aliasNamespaces(
  configured: readonly (readonly [name: string, values: MapValue])[],
): ProviderNamespaces {
  const ofVault = configured.filter(([name]) => name === 'vault').map(([, values]) => values);
  const base = namespaceOf(ofVault.find((values) => !values.has('alias')));
  const aliased = ofVault.filter((values) => values.has('alias'));
  return new Map(
    aliased.map((values) => [`vault.${String(values.get('alias'))}`, within(namespaceOf(values) || base, base)]),
  );
}

function namespaceOf(values: MapValue | undefined): string {
  return String(documentValue(values?.get('namespace') ?? '')).replaceAll(/^\/+|\/+$/g, '');
}

function within(namespace: string, base: string): string {
  if (namespace === base) return '';
  return base !== '' && namespace.startsWith(`${base}/`) ? namespace.slice(base.length + 1) : namespace;
}

/** The syntax takes a reference as it is, and as an expression. */
function bare(reference: unknown): string {
  return String(reference).replace(/^\$\{\s*(.*?)\s*\}$/, '$1');
}
