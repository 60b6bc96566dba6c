import { type Json, labelledBlocks } from './document.js';

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
