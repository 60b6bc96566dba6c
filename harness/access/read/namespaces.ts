import { type Block, byKey, isKnown, isSet, type LintDocument, textOf, UNKNOWN } from '../../lint/index.js';

/** Documents whose resources of Vault have, as `namespace`, the one that they are in, counted from that of the provider without an alias. */
interface PlacedDocuments {
  readonly documents: readonly LintDocument[];
  /** The namespace of the provider without an alias, or the expression of one that is not known; undefined where nothing is in it. */
  readonly from: string | undefined;
}

/** A provider's namespace, and why it is not known. */
interface Provider {
  readonly namespace: string | undefined;
  readonly reason: string;
}

const OWN = 'vault';
const NO_NAMESPACE: Provider = { namespace: '', reason: '' };

/**
 * Finds the namespace of each resource of Vault: its own is relative to its provider's. It is counted from the namespace of the
 * provider without an alias, where that is the same in all documents.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs#namespace-support
 */
export function inNamespaces(documents: readonly LintDocument[]): PlacedDocuments {
  const configured = documents.map((document) => ({ document, providers: providersOf(document) }));
  const own = configured
    .filter(({ document }) => document.blocks.some((block) => isOfVault(block) && providerOf(block) === OWN))
    .map(({ providers }) => identityOf(providers.get(OWN)));
  const [from, ...others] = new Set(own);
  const base = others.length === 0 ? from : '';
  return {
    documents: configured.map(({ document, providers }) => ({
      ...document,
      blocks: document.blocks.map((block) => (isOfVault(block) ? placed(block, document, providers, base) : block)),
    })),
    from: base,
  };
}

/** The parts of a document that are each in one namespace, and what is in one that is not known. */
export function byNamespace({ blocks, modules, allow }: LintDocument): {
  readonly parts: ReadonlyMap<string, LintDocument>;
  readonly undecided: readonly string[];
} {
  const others = blocks.filter((block) => !isOfVault(block));
  const known = blocks.filter((block) => isOfVault(block) && isKnown(block.attributes['namespace']));
  const parts = [...byKey(known, (block) => textOf(block, 'namespace') ?? '')].map(
    ([namespace, own]) => [namespace, { blocks: [...own, ...others], modules, allow }] as const,
  );
  const undecided = blocks
    .filter((block) => isOfVault(block) && !isKnown(block.attributes['namespace']) && DECIDING.test(block.type))
    .map(({ address, unknown }) => `${address}: its namespace is not known (${unknown['namespace'] ?? 'a template'})`);
  return { parts: new Map(parts), undecided };
}

/** What says who gets in, and what they may do. */
const DECIDING = /^vault_(?:policy$|token$|auth_backend$|generic_endpoint$|identity_|github_|\w+_auth_backend)/;

function isOfVault({ kind, type }: Block): boolean {
  return kind === 'resource' && type.startsWith('vault_');
}

function providerOf({ provider = OWN }: Block): string {
  return provider;
}

function providersOf({ blocks }: LintDocument): ReadonlyMap<string, Provider> {
  const found = blocks
    .filter(({ kind }) => kind === 'provider')
    .map((block) => {
      const { type, address, attributes, unknown } = block;
      // A plan has the alias in the address.
      const key = isSet(block, 'alias') ? `${type}.${textOf(block, 'alias')}` : address.replace(/^provider\./, '');
      const namespace = isKnown(attributes['namespace']) ? trimmed(textOf(block, 'namespace')) : undefined;
      return [key, { namespace, reason: unknown['namespace'] ?? 'a template' }] as const;
    });
  return new Map([[OWN, NO_NAMESPACE], ...found]);
}

/** The same for namespaces that are the same, as far as that is known. */
function identityOf({ namespace, reason }: Provider = NO_NAMESPACE): string {
  return namespace ?? `\${${reason}}`;
}

function placed(
  block: Block,
  document: LintDocument,
  providers: ReadonlyMap<string, Provider>,
  base: string | undefined,
): Block {
  const { attributes, unknown } = block;
  const outer = outerNamespace(providerOf(block), providers, base);
  const inner = ownNamespace(block, document);
  const { namespace: _own, ...others } = attributes;
  if (typeof outer === 'string' && inner !== undefined) {
    const namespace = [outer, inner].filter((one) => one !== '').join('/');
    return { ...block, attributes: namespace === '' ? others : { ...others, namespace } };
  }
  const reason = typeof outer === 'string' ? (unknown['namespace'] ?? 'a template') : outer.reason;
  return { ...block, attributes: { ...others, namespace: UNKNOWN }, unknown: { ...unknown, namespace: reason } };
}

/** The namespace of a provider, counted from the base; or why it is not known. */
function outerNamespace(
  key: string,
  providers: ReadonlyMap<string, Provider>,
  base = '',
): string | { readonly reason: string } {
  const provider = providers.get(key);
  if (provider === undefined) return { reason: `the provider "${key}" is not configured here` };
  if (key === OWN && identityOf(provider) === base) return '';
  const { namespace, reason } = provider;
  if (namespace === undefined) return { reason };
  if (base === '' || namespace === base) return base === '' ? namespace : '';
  if (namespace.startsWith(`${base}/`)) return namespace.slice(base.length + 1);
  const named = namespace === '' ? 'no namespace' : `the namespace "${namespace}"`;
  return { reason: `"${key}" has ${named}, which is not below "${base}" of "${OWN}"` };
}

/** The namespace that a resource names, relative to its provider's; undefined where that is not known. */
function ownNamespace(block: Block, { blocks }: LintDocument): string | undefined {
  if (isKnown(block.attributes['namespace'])) return trimmed(textOf(block, 'namespace'));
  const [reference = '', ...more] = block.references['namespace'] ?? [];
  const [, address] = /^(.*)\.(?:path_fq|id)$/.exec(reference) ?? [];
  const named = blocks.find((one) => one.type === 'vault_namespace' && one.address === address);
  // The provider gives it relative to its own namespace.
  if (more.length > 0 || named === undefined || providerOf(named) !== providerOf(block)) return undefined;
  const [above, path] = [ownNamespace(named, { blocks, modules: [], allow: {} }), textOf(named, 'path')];
  return above === undefined || path === undefined ? undefined : trimmed(`${above}/${path}`);
}

function trimmed(namespace = ''): string {
  return namespace.replaceAll(/^\/+|\/+$/g, '');
}
