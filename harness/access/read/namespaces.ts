import { type Block, byKey, isKnown, type LintDocument, textOf, UNKNOWN } from '../../lint/index.js';
import {
  commonNamespace,
  expressionIn,
  joinedNamespace,
  type NamespacesOfProviders,
  namespacesOfProviders,
  providerKey,
  trimmedNamespace,
} from '../../terraform-json/provider-namespaces.js';

/** A document, what it is called, and where its Vault providers are. */
export interface ProvidedDocument {
  /** Such as `stack "login"`, or `document 2`. */
  readonly name: string;
  readonly document: LintDocument;
  readonly namespaces: NamespacesOfProviders;
}

/** Documents whose resources of Vault have, as `namespace`, the one that they are in, counted from the one that the server stands for. */
interface PlacedDocuments {
  readonly documents: readonly LintDocument[];
  /** That namespace, or the expression of one that is not known; undefined where nothing is in it. */
  readonly from: string | undefined;
  readonly undecided: readonly string[];
}

const OWN = 'vault';

/**
 * Finds the namespace of each resource of Vault: its own is relative to its provider's. It is counted from the one that the server stands
 * for, where that is the same in all documents.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs#namespace-support
 */
export function inNamespaces(given: readonly ProvidedDocument[]): PlacedDocuments {
  const [from, ...others] = new Set(
    given.filter(({ document }) => document.blocks.some(isOfVault)).map(({ namespaces }) => namespaces.base),
  );
  const outer = (base: string): string => (others.length === 0 ? '' : base);
  return {
    documents: given.map(({ document, namespaces: { base, relative } }) => ({
      ...document,
      blocks: document.blocks.map((block) => {
        if (!isOfVault(block)) return block;
        const ofProvider = relative.get(providerOf(block)) ?? (providerOf(block) === OWN ? '' : undefined);
        return placed(block, document, ofProvider === undefined ? undefined : joinedNamespace(outer(base), ofProvider));
      }),
    })),
    from: others.length === 0 ? from : '',
    undecided: given.flatMap(({ namespaces }) => whyNotDeeper(namespaces)),
  };
}

/** The providers that are not known, where the others alone are in a deeper namespace. */
function whyNotDeeper({ base, relative }: NamespacesOfProviders): readonly string[] {
  const known = [...relative.values()].filter((namespace) => expressionIn(namespace) === undefined);
  if (!relative.has(OWN) || commonNamespace(known) === '') return [];
  const from = base === '' ? 'the root namespace' : `"${base}"`;
  return [...relative].flatMap(([key, namespace]) => {
    const open = expressionIn(namespace);
    if (open === undefined) return [];
    return [`provider.${key}: its namespace is not known (${open}), and paths are counted from ${from}`];
  });
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

/**
 * Where the Vault providers of a plan or a stack are, of which the resources tell what they call them.
 * @param isStack whether they count as they are declared
 */
export function namespacesIn({ blocks, isPlan }: LintDocument, isStack: boolean): NamespacesOfProviders {
  const names = new Set(blocks.filter(isOfVault).map((block) => providerOf(block).replace(/\..*/, '')));
  const found = blocks
    .filter(({ kind, type }) => kind === 'provider' && (type === OWN || names.has(type)))
    .map((block) => {
      const { type, address, attributes, unknown } = block;
      // A plan has the alias in the address.
      const key = isPlan === true ? address.replace(/^provider\./, '') : providerKey(type, attributes['alias']);
      const open = `\${that of "${key}": ${unknown['namespace'] ?? 'a template'}}`;
      return [
        key,
        isKnown(attributes['namespace']) ? trimmedNamespace(textOf(block, 'namespace') ?? '') : open,
      ] as const;
    });
  return namespacesOfProviders(new Map(found), isStack);
}

function placed(block: Block, document: LintDocument, outer: string | undefined): Block {
  const { attributes, unknown } = block;
  const { namespace: _own, ...others } = attributes;
  const inner = ownNamespace(block, document);
  const open = outer === undefined ? `the provider "${providerOf(block)}" is not configured here` : expressionIn(outer);
  if (open === undefined && inner !== undefined) {
    const namespace = joinedNamespace(outer ?? '', inner);
    return { ...block, attributes: namespace === '' ? others : { ...others, namespace } };
  }
  const reason = open ?? unknown['namespace'] ?? 'a template';
  return { ...block, attributes: { ...others, namespace: UNKNOWN }, unknown: { ...unknown, namespace: reason } };
}

/** The namespace that a resource names, relative to its provider's; undefined where that is not known. */
function ownNamespace(block: Block, { blocks }: LintDocument): string | undefined {
  if (isKnown(block.attributes['namespace'])) return trimmedNamespace(textOf(block, 'namespace') ?? '');
  const [reference = '', ...more] = block.references['namespace'] ?? [];
  const [, address] = /^(.*)\.(?:path_fq|id)$/.exec(reference) ?? [];
  const named = blocks.find((one) => one.type === 'vault_namespace' && one.address === address);
  // The provider gives it relative to its own namespace.
  if (more.length > 0 || named === undefined || providerOf(named) !== providerOf(block)) return undefined;
  const [above, path] = [ownNamespace(named, { blocks, modules: [], allow: {} }), textOf(named, 'path')];
  return above === undefined || path === undefined ? undefined : trimmedNamespace(`${above}/${path}`);
}
