import { VaultproofError } from '../../errors/index.js';
import { isRecord } from '../../internal/json.js';
import { text } from './arguments.js';
import type { Computed, ServerRequest } from './resource-type.js';

/** What an alias says of itself, which a data source has after `alias_`, or in a block of its own. */
export const ALIAS_FIELDS = [
  'canonical_id',
  'creation_time',
  'id',
  'last_update_time',
  'merged_from_canonical_ids',
  'metadata',
  'mount_accessor',
  'mount_path',
  'mount_type',
  'name',
] as const;

/** What Terraform has as a map of what a lookup answers, and what as a list: none is an empty one. */
const MAPS = ['metadata'];
const LISTS = /_ids$|^policies$/;

/** Some fields of what a lookup answers, as Terraform has them. */
export function fieldsOf(names: readonly string[], found: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const empty = (name: string): unknown => (MAPS.includes(name) ? {} : LISTS.test(name) ? [] : undefined);
  return Object.fromEntries(names.map((name) => [name, found[name] ?? empty(name)]));
}

/** The arguments that look an entity or a group up by its alias. */
export const aliasArguments = {
  alias_id: text.optional(),
  alias_name: text.optional(),
  alias_mount_accessor: text.optional(),
} as const;

/**
 * Looks an entity or a group up.
 * @param by the parameters of the lookup; what is undefined is left out
 * @throws VaultproofError `request_refused` where there is none
 * @see https://developer.hashicorp.com/vault/api-docs/secret/identity/lookup
 */
export async function lookUpIdentity(
  request: ServerRequest,
  kind: 'entity' | 'group',
  by: Readonly<Record<string, string | undefined>>,
): Promise<Computed> {
  const { data } = await request('POST', `identity/lookup/${kind}`, by);
  if (isRecord(data) && typeof data['id'] === 'string') return data;
  const asked = Object.entries(by).flatMap(([name, value]) => (value === undefined ? [] : [`${name} "${value}"`]));
  throw new VaultproofError('request_refused', `there is no ${kind} with ${asked.join(' and ')}`, {
    details: { kind, ...by },
  });
}
