import { isRecord } from '../../internal/json.js';
import { claimAt, type ReadToken } from './read-token.js';

/**
 * What selectors and bind names see of a token: strings under `value.<name>`, lists of strings under `list.<name>`. null
 * stands for a claim that the token lacks.
 */
export type SelectableValues = Readonly<Record<string, string | readonly string[] | null>>;

/**
 * Maps a token's claims as an auth method's `ClaimMappings` and `ListClaimMappings` say. As in Consul, numbers lose what is
 * behind the point, a single value is a list of one, and empty strings drop out of lists.
 * @param config the auth method's `Config`
 * @see https://developer.hashicorp.com/consul/docs/security/acl/auth-methods/jwt#claim-mapping
 */
export function selectableValues(
  config: Readonly<Record<string, unknown>>,
  claims: ReadToken['claims'],
): SelectableValues {
  const values = mappings(config['ClaimMappings']).map(([claim, name]) => {
    return [`value.${name}`, stringOf(claimAt(claims, claim))] as const;
  });
  const lists = mappings(config['ListClaimMappings']).map(([claim, name]) => {
    return [`list.${name}`, listOf(claimAt(claims, claim))] as const;
  });
  return Object.fromEntries([...values, ...lists]);
}

function mappings(value: unknown): [claim: string, name: string][] {
  return isRecord(value) ? Object.entries(value).map(([claim, name]) => [claim, String(name)]) : [];
}

/** An object or a list is refused before a selector sees it. */
function stringOf(claim: unknown): string | null {
  if (typeof claim === 'string') return claim;
  if (typeof claim === 'boolean') return String(claim);
  if (typeof claim !== 'number' || !Number.isFinite(claim)) return null;
  // What Go makes of a number of more than 64 bits depends on the processor; this is what x86-64 does.
  return Math.abs(claim) < 2 ** 63 ? String(BigInt(Math.trunc(claim))) : String(-(2n ** 63n));
}

function listOf(claim: unknown): readonly string[] | null {
  if (claim === undefined || claim === null) return null;
  const items: unknown[] = Array.isArray(claim) ? claim : [claim];
  return items.flatMap((item) => stringOf(item) || []);
}
