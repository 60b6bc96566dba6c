import { isRecord } from '../../api/vault-api.js';
import { type Block, resourcesOf, textOf } from '../document/block.js';
import { canMatchKvV2 } from '../policy/path-pattern.js';
import { declaredPolicies } from '../policy/policies.js';
import type { Rule } from '../rule.js';

/** A path into a KV engine of version 2 without the `data/` that its API has. */
export const kvPathNeverMatches: Rule = {
  code: 'kv-path-never-matches',
  severity: 'error',
  check: (document) => {
    const mounts = resourcesOf(document, 'vault_mount');
    return declaredPolicies(document).flatMap(({ block, paths }) =>
      paths.flatMap(({ path }) => {
        const mount = mountOf(mounts, block, path);
        const at = mount && pathOf(mount);
        if (!mount || at === undefined || !isKvV2(mount) || canMatchKvV2(at, path)) return [];
        return [
          {
            block,
            attribute: 'policy',
            found: path,
            reason: `"${at}" is a KV engine of version 2, whose API has no such path: this grants and denies nothing`,
            fix: `write "${at}/data/..." for secrets, and "${at}/metadata/..." to list them`,
          },
        ];
      }),
    );
  },
};

/** The mount that a path leads into: of those that hold it the longest. */
function mountOf(mounts: readonly Block[], policy: Block, path: string): Block | undefined {
  return mounts
    .filter((mount) => mount.attributes['namespace'] === policy.attributes['namespace'])
    .filter((mount) => path.startsWith(`${pathOf(mount)}/`))
    .sort((one, other) => (pathOf(other) ?? '').length - (pathOf(one) ?? '').length)[0];
}

function pathOf(mount: Block): string | undefined {
  return textOf(mount, 'path')?.replace(/^\/+|\/+$/g, '');
}

function isKvV2(mount: Block): boolean {
  const type = textOf(mount, 'type');
  const options = mount.attributes['options'];
  return type === 'kv-v2' || (type === 'kv' && isRecord(options) && String(options['version']) === '2');
}
