import { isRecord } from '../../internal/json.js';
import { type ProviderNamespaces, providerKey } from '../terraform-json/configuration.js';
import type { Json } from '../terraform-json/document.js';
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

/** The namespaces of a root module's Vault providers. */
export interface NamespacesOfProviders {
  /** The one where a test's server is: the deepest that all of them are in; nothing for the root namespace. */
  readonly base: string;
  /** How each counts from there, by what a resource's `provider` names. Where only an apply tells, there are references in it. */
  readonly relative: ProviderNamespaces;
}

/**
 * Reads them. Without a provider that has no alias, Terraform's own is in the root namespace.
 * @param configured those of Vault in the root module; an override is behind what it overrides
 * @param isStack whether they are a stack's of cdktf, which count as they are declared, however it is applied
 */
export function namespacesOfProviders(
  configured: readonly (readonly [name: string, values: MapValue])[],
  isStack: boolean,
): NamespacesOfProviders {
  const namespaces = new Map<string, string>();
  for (const [name, values] of configured) {
    const key = providerKey(name, values.get('alias'));
    if (values.has('namespace') || !namespaces.has(key)) namespaces.set(key, namespaceOf(values));
  }
  const hasDefault = [...namespaces.keys()].some((key) => !key.includes('.'));
  const base = hasDefault && !isStack ? commonNamespace([...namespaces.values()]) : '';
  const within = ([key, namespace]: readonly [string, string]) => [key, below(base, namespace)] as const;
  return { base, relative: new Map([...namespaces].map(within)) };
}

function namespaceOf(values: MapValue): string {
  return String(documentValue(knownDeep(values.get('namespace') ?? ''))).replaceAll(/^\/+|\/+$/g, '');
}

function commonNamespace(namespaces: readonly string[]): string {
  const [first = [], ...others] = namespaces.map(knownSegments);
  const end = first.findIndex((segment, at) => others.some((other) => other[at] !== segment));
  return first.slice(0, end === -1 ? first.length : end).join('/');
}

/** The segments of a namespace before the first that only an apply tells. */
function knownSegments(namespace: string): string[] {
  const unknown = namespace.search(/[$%]\{/);
  const segments = (unknown === -1 ? `${namespace}/` : namespace.slice(0, unknown)).split('/').slice(0, -1);
  return segments.filter((segment) => segment !== '');
}

function below(base: string, namespace: string): string {
  return base === '' ? namespace : namespace.slice(base.length + 1);
}
