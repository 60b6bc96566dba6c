import { isRecord } from '../../internal/json.js';
import type { Json } from '../terraform-json/document.js';
import { type ProviderNamespaces, providerKey } from '../terraform-json/provider-namespaces.js';
import { bareReference } from '../terraform-json/templates.js';
import type { ResourceBlock } from './configuration.js';
import { documentValue } from './json-values.js';
import { knownDeep, type MapValue } from './values.js';

/** Which of the root module's providers a name stands for in a module: `vault`, `vault.team`. */
export type RootProvider = (name: string) => string;

/** The same in a module that is called. What `providers` does not name it has from its caller. */
export function inCalledModule({ providers }: Json, outer: RootProvider): RootProvider {
  if (!isRecord(providers)) return outer;
  const given = new Map(
    Object.entries(providers).map(([name, provider]) => [name, outer(bareReference(String(provider)))]),
  );
  return (name) => given.get(name) ?? outer(name);
}

/** The provider of a resource in its module: the one it names, else the one that its type begins with. */
export function providerName({ type, body }: ResourceBlock): string {
  return body['provider'] === undefined ? type.replace(/_.*/, '') : bareReference(String(body['provider']));
}

/**
 * The namespaces of a root module's Vault providers, without slashes at their ends. Where only an apply tells, there are references in one.
 * @param configured an override is behind what it overrides
 */
export function declaredNamespaces(
  configured: readonly (readonly [name: string, values: MapValue])[],
): ProviderNamespaces {
  const namespaces = new Map<string, string>();
  for (const [name, values] of configured) {
    const key = providerKey(name, values.get('alias'));
    if (values.has('namespace') || !namespaces.has(key)) namespaces.set(key, namespaceOf(values));
  }
  return namespaces;
}

function namespaceOf(values: MapValue): string {
  return String(documentValue(knownDeep(values.get('namespace') ?? ''))).replaceAll(/^\/+|\/+$/g, '');
}
