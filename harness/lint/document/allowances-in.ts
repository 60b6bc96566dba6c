import { isRecord } from '../../../internal/json.js';

/** The allowances in a comment of Terraform's JSON syntax: `{"//": {"vaultproof": {"allow": {CODE: REASON}}}}`. */
export function allowancesIn(comment: unknown): Readonly<Record<string, unknown>> {
  const ours = isRecord(comment) ? comment['vaultproof'] : undefined;
  const allow = isRecord(ours) ? ours['allow'] : undefined;
  return isRecord(allow) ? allow : {};
}
