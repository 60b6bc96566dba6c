import { type Json, labelledBlocks } from './document.js';
import { bareReference, templateParts } from './templates.js';

/** The namespaces of Vault's providers, by what a resource's `provider` names: `vault`, `vault.team`. */
export type ProviderNamespaces = ReadonlyMap<string, string>;

/**
 * Reads the provider blocks of a configuration; a provider without a namespace has an empty one.
 * @throws VaultproofError `not_terraform_json`
 * @see https://developer.hashicorp.com/terraform/language/providers/configuration
 */
export function providerNamespaces(root: Json): ProviderNamespaces {
  const configured = labelledBlocks(root, 'provider').map(({ name, body: { alias, namespace } }) => {
    return [providerKey(name, alias), typeof namespace === 'string' ? namespace : ''] as const;
  });
  return new Map(configured);
}

/** What a resource's `provider` names. */
export function providerKey(name: string, alias: unknown): string {
  return typeof alias === 'string' ? `${name}.${alias}` : name;
}

/**
 * The namespace of a resource's provider; undefined where the provider that it names is not configured.
 * @param provider what the resource names, such as `vault.team`
 */
export function namespaceOfProvider(
  type: string,
  provider: unknown,
  namespaces: ProviderNamespaces,
): string | undefined {
  const [local = ''] = type.split('_');
  const named = typeof provider === 'string' ? bareReference(provider) : local;
  const namespace = namespaces.get(named);
  if (namespace === undefined && named !== local) return undefined;
  return local === 'vault' ? (namespace ?? '') : '';
}

/** A namespace without slashes at its ends. */
export function trimmedNamespace(namespace: string): string {
  return namespace.replaceAll(/^\/+|\/+$/g, '');
}

/**
 * The namespace of a resource, from that of its provider.
 * @returns without slashes at its ends
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs#namespace-support
 */
export function joinedNamespace(outer: string, inner: unknown): string {
  const parts = [outer, typeof inner === 'string' ? inner : ''].map(trimmedNamespace);
  return parts.filter((part) => part !== '').join('/');
}

/** Where a root module's Vault providers are. */
export interface NamespacesOfProviders {
  /** The one where a server of its own is: the deepest that all of them are in; nothing for the root namespace. */
  readonly base: string;
  /** How each counts from there. What is not known has references in it. */
  readonly relative: ProviderNamespaces;
}

/**
 * Finds the namespace that a server stands for. Without a provider that has no alias, Terraform's own is in the root namespace.
 * @param declared without slashes at their ends
 * @param isStack whether they are a stack's of cdktf, which count as they are declared
 */
export function namespacesOfProviders(declared: ProviderNamespaces, isStack: boolean): NamespacesOfProviders {
  const hasDefault = [...declared.keys()].some((key) => !key.includes('.'));
  const base = hasDefault && !isStack ? commonNamespace([...declared.values()]) : '';
  return { base, relative: new Map([...declared].map(([key, namespace]) => [key, below(base, namespace)])) };
}

/** The deepest namespace that all are in. An expression is the same in all that have it. */
export function commonNamespace([first = '', ...others]: readonly string[]): string {
  const segments = first.split('/');
  const above = segments.map((_, at) => segments.slice(0, at + 1).join('/'));
  const isWhole = (namespace: string): boolean => templateParts(namespace) !== undefined;
  return above.findLast((one) => isWhole(one) && others.every((other) => `${other}/`.startsWith(`${one}/`))) ?? '';
}

function below(base: string, namespace: string): string {
  return base === '' ? namespace : namespace.slice(base.length + 1);
}

/** The first expression in a namespace; undefined where all of it is known. */
export function expressionIn(namespace: string): string | undefined {
  return templateParts(namespace)?.find(({ kind }) => kind !== 'text')?.text;
}
