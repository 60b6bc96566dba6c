import { isRecord } from '../../../internal/json.js';
import type { Block } from '../document/block.js';
import { effective, type PolicyPath, withoutSlash } from './vault-policy.js';

/**
 * The paths of a `vault_policy_document`, as far as its rules are known.
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/data-sources/policy_document
 */
export function pathsOfDocument(document: Block): readonly PolicyPath[] {
  return [document.attributes['rule']].flat().flatMap((rule): PolicyPath[] => {
    if (!isRecord(rule)) return [];
    const { path, capabilities } = rule;
    if (typeof path !== 'string') return [];
    return [
      {
        path: withoutSlash(path),
        capabilities: Array.isArray(capabilities) ? effective(capabilities.map(String)) : [],
      },
    ];
  });
}
