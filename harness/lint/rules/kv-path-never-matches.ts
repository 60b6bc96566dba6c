import { isRecord } from '../../../internal/json.js';
import { type Block, byKey, isKnown, resourcesOf, textOf } from '../document/document.js';
import { canMatchKvV2, declaredPolicies, foldersOf } from '../policy/vault-policy.js';
import type { Rule } from '../rule.js';

/** A path into a KV engine of version 2 without the `data/` that its API has. */
export const kvPathNeverMatches: Rule = {
  code: 'kv-path-never-matches',
  severity: 'error',
  check: (document) => {
    const mounts = byKey(resourcesOf(document, 'vault_mount'), pathOf);
    const ofDocuments = new Set(resourcesOf(document, 'vault_policy').map(({ attributes }) => attributes['namespace']));
    return declaredPolicies(document).flatMap(({ block, attribute, paths }) => {
      const namespaces = namespacesOf(block, ofDocuments);
      return paths.flatMap(({ path }) => {
        if (!isKnown(path)) return [];
        const mount = mountOf(mounts, namespaces, path);
        const at = mount && pathOf(mount);
        if (!mount || at === undefined || !isKvV2(mount) || canMatchKvV2(at, path)) return [];
        return [
          {
            block,
            attribute,
            found: path,
            reason: `"${at}" is a KV engine of version 2, whose API has no such path: this grants and denies nothing`,
            fix: `write "${at}/data/..." for secrets, and "${at}/metadata/..." to list them`,
          },
        ];
      });
    });
  },
};

/** Where a policy may be: a document is where a policy of it is, which may be any. */
function namespacesOf({ kind, attributes }: Block, ofPolicies: ReadonlySet<unknown>): readonly unknown[] {
  if (kind !== 'data') return [attributes['namespace']];
  return ofPolicies.size === 0 ? [undefined] : [...ofPolicies];
}

/** The mount that a path leads into: of those that hold it the longest. */
function mountOf(
  mounts: ReadonlyMap<string, readonly Block[]>,
  namespaces: readonly unknown[],
  path: string,
): Block | undefined {
  return foldersOf(path)
    .flatMap((folder) => mounts.get(folder) ?? [])
    .find((mount) => namespaces.every((namespace) => mount.attributes['namespace'] === namespace));
}

function pathOf(mount: Block): string | undefined {
  return textOf(mount, 'path')?.replace(/^\/+|\/+$/g, '');
}

function isKvV2(mount: Block): boolean {
  const type = textOf(mount, 'type');
  const options = mount.attributes['options'];
  return type === 'kv-v2' || (type === 'kv' && isRecord(options) && String(options['version']) === '2');
}
